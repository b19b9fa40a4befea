//! A packet that the network will send.

use std::cmp::Ordering;
use std::time::{Duration, Instant};

use crate::segment::Flow;

/// A packet to be sent.
pub struct ScheduledPacket {
    pub at: Instant,
    /// The order of packets with the same time.
    pub order: u64,
    pub flow: Flow,
    pub kind: &'static str,
    pub packet: Vec<u8>,
    pub loss: f64,
    pub retransmission: Option<Retransmission>,
    pub is_retransmission: bool,
    /// The latest time at which the packet is not late.
    pub latest: Option<Instant>,
}

/// The retransmissions of a packet, as long as its handshake exists.
#[derive(Clone, Copy)]
pub struct Retransmission {
    /// The number of the answered SYN. A later SYN restarts the retransmissions.
    pub syns: u32,
    pub host_sequence: u32,
    pub after: Duration,
    pub remaining: u32,
}

impl ScheduledPacket {
    /// Returns the next retransmission, after twice the time; `None` after the last.
    pub fn next_retransmission(self) -> Option<Self> {
        let Some(retransmission @ Retransmission { after, remaining: remaining @ 1.., .. }) = self.retransmission
        else {
            return None;
        };
        let retransmission = Some(Retransmission { after: after * 2, remaining: remaining - 1, ..retransmission });
        Some(Self { at: self.at + after, retransmission, is_retransmission: true, latest: None, ..self })
    }
}

/// The reverse order of times, because the heap pops the greatest first.
impl Ord for ScheduledPacket {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

impl PartialOrd for ScheduledPacket {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for ScheduledPacket {}

impl PartialEq for ScheduledPacket {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
