//! How many SYNs leave this host in a second, at most: a token bucket.

use std::time::Duration;

use crate::moment::Moment;

/// What may be sent at once after a rest, in seconds of sending: a wait ends up to 1 ms late, and the engine has other
/// things to do.
const BURST: f64 = 0.02;

pub struct Rate {
    per_second: f64,
    /// Below 0 when more was sent than there was.
    tokens: f64,
    filled: Moment,
}

impl Rate {
    /// None for a `per_second` of 0.
    pub fn new(per_second: u32, now: Moment) -> Option<Self> {
        (per_second > 0).then(|| Self { per_second: per_second.into(), tokens: 1.0, filled: now })
    }

    /// How long to wait until one more may be sent, if not now.
    pub fn wait(&mut self, now: Moment) -> Option<Duration> {
        let elapsed = now.since(self.filled).as_secs_f64();
        let full = (self.per_second * BURST).max(1.0);
        self.tokens = (self.tokens + elapsed * self.per_second).min(full);
        self.filled = self.filled.max(now);
        (self.tokens < 1.0).then(|| Duration::from_secs_f64((1.0 - self.tokens) / self.per_second))
    }

    /// Takes note of one that was sent, whether or not it had to.
    pub fn spend(&mut self) {
        self.tokens -= 1.0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_limit_is_no_bucket() {
        assert!(Rate::new(0, Moment::now()).is_none());
    }

    #[test]
    fn one_a_second_is_one_a_second() {
        let start = Moment::now();
        let mut rate = Rate::new(1, start).unwrap();
        assert_eq!(rate.wait(start), None);
        rate.spend();
        assert_eq!(rate.wait(start), Some(Duration::from_secs(1)));
        assert_eq!(rate.wait(start + Duration::from_millis(750)), Some(Duration::from_millis(250)));
        // A long rest saves nothing up.
        let later = start + Duration::from_secs(60);
        assert_eq!(rate.wait(later), None);
        rate.spend();
        assert_eq!(rate.wait(later), Some(Duration::from_secs(1)));
    }

    proptest! {
        /// Whoever asks before each, at whatever times, never sends more than the rate and one burst.
        #[test]
        fn no_span_of_time_has_more_than_its_share(per_second in 1..100_000u32, steps in vec(0..20_000u64, 0..500)) {
            let start = Moment::now();
            let mut rate = Rate::new(per_second, start).unwrap();
            let (mut now, mut sent) = (start, 0.0);
            for micros in steps {
                now = now + Duration::from_micros(micros);
                while rate.wait(now).is_none() {
                    rate.spend();
                    sent += 1.0;
                }
                let share = f64::from(per_second) * (now.since(start).as_secs_f64() + BURST) + 2.0;
                prop_assert!(sent <= share, "{sent} of {share}");
            }
            // Nor much less, once there is all the time.
            prop_assert!(rate.wait(now + Duration::from_secs(1)).is_none());
        }
    }
}
