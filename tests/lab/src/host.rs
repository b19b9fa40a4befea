//! The state of a simulated host: its clients, and their handshakes.

use std::time::Instant;

use fastrand::Rng;

use crate::scenario::Rule;

/// The SYNs to a port of a host, from all source ports: their number, and the time of the first.
#[derive(Clone, Copy)]
pub struct SynCount {
    pub first: Instant,
    pub syns: u32,
}

/// The state of the last handshake between two ends.
#[derive(Clone, Copy, Default)]
pub struct Handshake {
    /// The sequence number of the client's SYN. Another number is another handshake.
    pub client_sequence: u32,
    /// The host's initial sequence number.
    pub host_sequence: u32,
    /// The number of SYNs.
    pub syns: u32,
    /// The number of RSTs.
    resets: u32,
    /// Whether the handshake was reset or acknowledged, so that nothing is retransmitted.
    pub is_over: bool,
}

impl Handshake {
    /// Counts a SYN.
    pub fn on_syn(&mut self, sequence: u32, rng: &mut Rng) {
        if self.syns == 0 || self.client_sequence != sequence {
            *self = Self { client_sequence: sequence, host_sequence: rng.u32(..), ..Self::default() };
        }
        self.syns += 1;
    }

    /// Counts a RST. Returns whether the RST arrives.
    pub fn on_reset(&mut self, rule: &Rule) -> bool {
        self.resets += 1;
        self.resets > rule.lose_resets
    }
}
