//! SYN cookies: sequence numbers that prove that an answer's sender has seen the SYN.

use std::hash::{BuildHasher, RandomState};

use crate::keys::ProbeKey;

/// Hashes a probe's key, which is never used again, with a random key (SipHash). So a host that has not seen the SYN
/// can't forge an answer, and a late answer to an earlier probe between the same addresses and ports does not match
/// this one.
#[derive(Default)]
pub struct SynCookies(RandomState);

/// The unit of timestamps, as Linux has it.
const MILLISECOND: u64 = 1_000_000;

/// The cookie of a probe, which all its SYNs carry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SynCookie {
    pub sequence: u32,
    /// The offset of its timestamps from the clock; Linux has one per connection.
    pub clock_offset: u32,
}

impl SynCookie {
    /// The value of the timestamps option at a time, by the system's clock in ns.
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
    pub fn cookie(&self, key: ProbeKey) -> SynCookie {
        let hash = self.0.hash_one(key);
        SynCookie { sequence: hash as u32, clock_offset: (hash >> 32) as u32 }
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
        let told = cookie.time_of(cookie.timestamp(first), last);
        assert!(told.abs_diff(first) <= MILLISECOND, "{told}");
    }

    #[test]
    fn each_probe_and_each_engine_has_its_own_cookies() {
        let (one, other) = (SynCookies::default(), SynCookies::default());
        let mut table = SlotMap::<ProbeKey, ()>::with_key();
        let mut sequences = HashSet::new();
        for _ in 0..100 {
            // Each key has the same slot of the table.
            let key = table.insert(());
            table.remove(key);
            assert_eq!(one.cookie(key), one.cookie(key));
            assert_ne!(one.cookie(key), other.cookie(key));
            sequences.insert(one.cookie(key).sequence);
        }
        assert!(sequences.len() > 98, "{}", sequences.len());
    }
}
