//! SYN cookies: sequence numbers by which an answer proves that its sender has received the SYN.

use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;

use crate::keys::ProbeKey;

/// Keyed hashes (SipHash with a random key), so that a host that has not received the SYN can't forge an answer.
///
/// The upper half of a number depends on the probe's key, which is never reused, so a late answer to an earlier probe of
/// the same addresses and ports does not match. The lower half depends only on addresses and ports, so the numbers of two
/// such probes are equal, one time in 65,536, or at least 65,536 apart. If the target still has a half-open entry of the
/// earlier probe, the SYN is outside of the entry's window, which is smaller, or counts as a retransmission. A SYN within
/// the window would draw a RST, as if the port was closed (`tcp_check_req()`; RFC 9293, section 3.10.7.4).
#[derive(Default)]
pub struct SynCookies(RandomState);

/// The unit of Linux's timestamps, in ns.
const MILLISECOND: u64 = 1_000_000;

/// The cookie of a probe, which all its SYNs carry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SynCookie {
    pub sequence: u32,
    /// The offset of the timestamps from the clock, one per target and source port.
    pub clock_offset: u32,
}

impl SynCookie {
    /// The value of the timestamps option at a time, in ns of the real-time clock.
    pub fn timestamp(self, at: u64) -> u32 {
        self.clock_offset.wrapping_add((at / MILLISECOND) as u32)
    }

    /// The time at which the SYN with a timestamp was sent, given that the last SYN was sent at `last`.
    pub fn time_of(self, timestamp: u32, last: u64) -> u64 {
        let earlier = self.timestamp(last).wrapping_sub(timestamp);
        last.saturating_sub(u64::from(earlier) * MILLISECOND)
    }
}

impl SynCookies {
    /// The cookie of a probe from a source port to a target in canonical form.
    pub fn cookie(&self, key: ProbeKey, target: &SocketAddr, source_port: u16) -> SynCookie {
        let of_probe = self.0.hash_one(key) as u32;
        let of_tuple = self.0.hash_one((target, source_port));
        SynCookie { sequence: of_probe << 16 | u32::from(of_tuple as u16), clock_offset: (of_tuple >> 32) as u32 }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use slotmap::SlotMap;

    use super::*;

    #[test]
    fn a_timestamp_identifies_the_answered_syn() {
        let cookie = SynCookie { sequence: 0, clock_offset: u32::MAX - 5 };
        let (first, last) = (1_000_400_000, 2_000_900_000);
        assert_eq!(cookie.time_of(cookie.timestamp(last), last), last);
        let reported = cookie.time_of(cookie.timestamp(first), last);
        assert!(reported.abs_diff(first) <= MILLISECOND, "{reported}");
    }

    /// Keys of successive probes in the same slot of the table.
    fn keys(count: usize) -> Vec<ProbeKey> {
        let mut table = SlotMap::<ProbeKey, ()>::with_key();
        let key = |_| {
            let key = table.insert(());
            table.remove(key);
            key
        };
        (0..count).map(key).collect()
    }

    #[test]
    fn each_probe_and_each_engine_has_its_own_cookies() {
        let (one, other) = (SynCookies::default(), SynCookies::default());
        let target = "192.0.2.1:80".parse().unwrap();
        let mut sequences = HashSet::new();
        for key in keys(100) {
            assert_eq!(one.cookie(key, &target, 1), one.cookie(key, &target, 1));
            assert_ne!(one.cookie(key, &target, 1), other.cookie(key, &target, 1));
            sequences.insert(one.cookie(key, &target, 1).sequence);
        }
        assert!(sequences.len() > 97, "{}", sequences.len());
    }

    #[test]
    fn no_syn_lies_in_the_window_of_an_earlier_one_of_its_four_tuple() {
        let cookies = SynCookies::default();
        let targets = ["192.0.2.1:80", "192.0.2.1:81", "[2001:db8::1]:80"].map(|target| target.parse().unwrap());
        let mut lower_halves = HashSet::new();
        for (target, port) in targets.iter().flat_map(|target| [(target, 1), (target, 2)]) {
            let sequence_of = |key: &ProbeKey| cookies.cookie(*key, target, port).sequence;
            let mut sequences: Vec<_> = keys(1000).iter().map(sequence_of).collect();
            sequences.sort_unstable();
            for pair in sequences.windows(2) {
                let ahead = pair[1] - pair[0];
                assert!(ahead == 0 || ahead > u16::MAX.into(), "{pair:?}");
            }
            lower_halves.insert(sequences[0] as u16);
        }
        assert!(lower_halves.len() > 4, "{lower_halves:?}");
    }
}
