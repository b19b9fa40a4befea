//! The four-tuples of recent probes, at which a refusal may be false.
//!
//! A probe may leave a half-open entry at its target: its SYN-ACK comes late, its RST is lost, or the SYN of another
//! thread overtakes its RST (`tcp_disconnect()` frees the port first). A later SYN from the same port, with a number in
//! the window of that entry, is answered with a RST, as if the port was closed (`tcp_check_req()`; RFC 9293, section
//! 3.10.7.4). The RST removes the entry, so another SYN gets the true answer.
//!
//! The kernel's sequence numbers grow by one each 64 ns (`seq_scale()`), and the window of a SYN-ACK has at most 65,535
//! bytes. So only a port that is used again within 4.2 ms is affected, which happens if there are very few ports.

use std::hash::BuildHasher;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use rustc_hash::FxBuildHasher;

use crate::address::wire_address;
use crate::instant::Instant;
use crate::local_ports;

/// The time in which the sequence numbers leave the window of an entry, 4.2 ms, with a margin.
const WINDOW: Duration = Duration::from_millis(5);

/// With at least this many local ports none is used again so soon: the kernel uses half of them in turn, so this would
/// take 400,000 SYNs per second to one target.
const MANY_PORTS: usize = 4096;

/// Whether local ports are few. All engines of the process share the ports.
static ARE_FEW: AtomicBool = AtomicBool::new(false);

/// When the last probe of a four-tuple ended without a refusal, by the tuple's hash, in ns of the clock. A tuple that
/// shares its slot may be probed again without need.
static ENDS: [AtomicU64; 4096] = [const { AtomicU64::new(0) }; 4096];

/// Records whether local ports are few.
pub fn count_ports() {
    if local_ports::count().is_none_or(|count| count < MANY_PORTS) {
        ports_are_few();
    }
}

/// Records that local ports are few, because a probe found none.
pub fn ports_are_few() {
    ARE_FEW.store(true, Ordering::Relaxed);
}

/// A SYN whose four-tuple is watched.
#[derive(Clone, Copy)]
pub struct WatchedSyn {
    /// The hash of the target.
    target: u64,
    /// A time shortly before the SYN was sent.
    sent: Instant,
}

impl WatchedSyn {
    /// Watches a SYN that is sent now. `None` if ports are not few.
    pub fn to(target: &SocketAddr) -> Option<Self> {
        let watched = || Self { target: FxBuildHasher.hash_one(wire_address(target)), sent: Instant::now() };
        ARE_FEW.load(Ordering::Relaxed).then(watched)
    }

    /// Records that the probe ends without a refusal. Must be called before the port is free.
    pub fn end(self, source_port: u16) {
        self.last_end(source_port).store(Instant::now().as_nanos(), Ordering::Release);
    }

    /// Whether a refusal may be the answer to the entry of an earlier probe.
    pub fn may_meet_an_entry(self, source_port: u16) -> bool {
        let end = self.last_end(source_port).load(Ordering::Acquire);
        end != 0 && Instant::from_nanos(end) + WINDOW >= self.sent
    }

    fn last_end(self, source_port: u16) -> &'static AtomicU64 {
        &ENDS[FxBuildHasher.hash_one((self.target, source_port)) as usize % ENDS.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_doubted_for_5_ms_after_another_probe_of_the_four_tuple() {
        let watched = |port, sent| WatchedSyn { target: FxBuildHasher.hash_one(port), sent };
        let now = Instant::now();
        assert!(!watched(1, now).may_meet_an_entry(80));
        watched(1, now).end(80);
        let later = Instant::now() + WINDOW;
        assert!(watched(1, now).may_meet_an_entry(80));
        assert!(!watched(1, later).may_meet_an_entry(80));
        assert!(!watched(2, now).may_meet_an_entry(80) && !watched(1, now).may_meet_an_entry(81));
    }

    #[test]
    fn all_forms_of_an_address_are_one_target() {
        ports_are_few();
        let target = |text: &str| WatchedSyn::to(&text.parse().unwrap()).unwrap().target;
        assert_eq!(target("0.0.0.0:1"), target("[::ffff:127.0.0.1]:1"));
        assert_ne!(target("127.0.0.1:1"), target("127.0.0.1:2"));
    }
}
