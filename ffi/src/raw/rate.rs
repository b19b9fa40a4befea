//! A token bucket that limits the SYNs per second to other hosts.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::instant::Instant;

/// The bucket's size, in seconds of sending. It compensates for waits that end up to 1 ms late, and for the engine's
/// other work.
const BURST: f64 = 0.02;

/// A token bucket that threads share without a lock. Its only state is the time at which the next token is due (GCRA,
/// ITU-T I.371). Concurrent threads may take the same token; then the next wait is longer.
pub struct Rate {
    /// The time from one token to the next, in ns.
    period: u64,
    /// The time in which an empty bucket fills, less one token, in ns.
    burst: u64,
    /// When the next token is due, after all reserved ones, in ns of the clock.
    due: AtomicU64,
}

impl Rate {
    /// Makes a full bucket; `None` for a `per_second` of 0.
    pub fn new(per_second: u32, now: Instant) -> Option<Self> {
        if per_second == 0 {
            return None;
        }
        let period = 1_000_000_000u64.div_ceil(per_second.into());
        let tokens = (f64::from(per_second) * BURST).max(1.0);
        let burst = ((tokens - 1.0) * period as f64) as u64;
        Some(Self { period, burst, due: AtomicU64::new(now.as_nanos().saturating_sub(burst)) })
    }

    /// The time until another SYN may be sent, after all reserved ones; `None` if it may be sent now.
    pub fn wait(&self, now: Instant) -> Option<Duration> {
        let due = self.fill(now);
        (due > now).then(|| due.since(now))
    }

    /// Takes a token for a SYN that was sent, after [`Self::wait`].
    pub fn spend(&self) {
        self.due.fetch_add(self.period, Ordering::Relaxed);
    }

    /// Returns the token of a SYN that was not sent.
    pub fn refund(&self) {
        self.due.fetch_sub(self.period, Ordering::Relaxed);
    }

    /// Reserves a token for a retransmission, if one is due within a time. Returns the time until then.
    pub fn reserve(&self, now: Instant, within: Duration) -> Option<Duration> {
        let wait = self.fill(now).since(now);
        (wait < within).then(|| {
            self.spend();
            wait
        })
    }

    /// Drops the tokens beyond the bucket's size. Returns when the next one is due.
    fn fill(&self, now: Instant) -> Instant {
        let least = now.as_nanos().saturating_sub(self.burst);
        Instant::from_nanos(self.due.fetch_max(least, Ordering::Relaxed).max(least))
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_rate_of_zero_has_no_bucket() {
        assert!(Rate::new(0, Instant::now()).is_none());
    }

    #[test]
    fn a_rate_of_one_allows_one_syn_per_second() {
        let start = Instant::now();
        let rate = Rate::new(1, start).unwrap();
        assert_eq!(rate.wait(start), None);
        rate.spend();
        assert_eq!(rate.wait(start), Some(Duration::from_secs(1)));
        assert_eq!(rate.wait(start + Duration::from_millis(750)), Some(Duration::from_millis(250)));
        // A long pause saves only one burst.
        let later = start + Duration::from_secs(60);
        assert_eq!(rate.wait(later), None);
        rate.spend();
        assert_eq!(rate.wait(later), Some(Duration::from_secs(1)));
    }

    proptest! {
        /// A sender that waits for each SYN, or reserves its token, never sends more than the rate and one burst.
        #[test]
        fn no_interval_has_more_syns_than_rate_and_burst_allow(
            per_second in 1..10_000u32, steps in vec((0..20_000u64, 0..3usize), 0..300),
        ) {
            let start = Instant::now();
            let rate = Rate::new(per_second, start).unwrap();
            let mut now = start;
            let mut sent = Vec::new();
            for (micros, reserved) in steps {
                now = now + Duration::from_micros(micros);
                for _ in 0..reserved {
                    sent.extend(rate.reserve(now, Duration::from_secs(1)).map(|wait| now + wait));
                }
                while rate.wait(now).is_none() {
                    rate.spend();
                    sent.push(now);
                }
            }
            sent.sort();
            // The minimum so far of the SYNs that were sent ahead of the rate.
            let mut least = f64::INFINITY;
            for (n, at) in (0..).zip(&sent) {
                let ahead = f64::from(n) - f64::from(per_second) * at.since(start).as_secs_f64();
                least = least.min(ahead);
                prop_assert!(ahead - least <= f64::from(per_second) * BURST + 2.0, "{}", ahead - least);
            }
            // A sender that always waits reaches the rate.
            let end = sent.last().copied().unwrap_or(now).max(now) + Duration::from_secs(1);
            prop_assert!(rate.wait(end).is_none());
        }

        #[test]
        fn reserved_tokens_come_one_period_apart_and_before_others(count in 1..100u32) {
            let now = Instant::now();
            let rate = Rate::new(1000, now).unwrap();
            while rate.wait(now).is_none() {
                rate.spend();
            }
            let is_about = |wait: Duration, ms| wait.abs_diff(Duration::from_millis(ms)) < Duration::from_micros(1);
            let within = Duration::from_micros(1000 * u64::from(count) + 500);
            for i in 1..=count {
                prop_assert!(is_about(rate.reserve(now, within).unwrap(), i.into()));
            }
            // The next token would be due too late.
            prop_assert_eq!(rate.reserve(now, within), None);
            prop_assert!(is_about(rate.wait(now).unwrap(), u64::from(count) + 1));
        }
    }
}
