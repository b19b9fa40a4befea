//! The clock of a check: its deadline, the time used, and the queue timeout.

use std::time::Duration;

use super::short_duration::ShortDuration;
use crate::instant::Instant;

/// The stopwatch of a check. It is stopped while the check waits in the engine's queues, because the target does not
/// cause that wait.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    timeout: ShortDuration,
    /// The maximum total time in which the clock is stopped; 0 for no limit.
    queue_timeout: ShortDuration,
    /// Above 0: the deadline of the running clock. Else: the negated remaining time of the stopped clock. (An enum would
    /// make the struct half as large again.)
    state: i64,
}

impl Clock {
    pub fn new(timeout: Duration) -> Self {
        let timeout = ShortDuration::from(timeout);
        Self { timeout, queue_timeout: ShortDuration::ZERO, state: -(timeout.get().as_nanos() as i64) }
    }

    /// Sets the maximum total time in which the clock is stopped.
    pub fn with_queue_timeout(self, limit: Option<Duration>) -> Self {
        Self { queue_timeout: limit.map_or(ShortDuration::ZERO, ShortDuration::from), ..self }
    }

    /// Starts the clock, unless it runs.
    pub fn start(&mut self, now: Instant) {
        if self.state <= 0 {
            self.state = (now + Duration::from_nanos(self.state.unsigned_abs())).as_nanos() as i64;
        }
    }

    /// Stops the clock at `now`. If `now` is before the last start, the remaining time does not grow.
    pub fn pause(&mut self, now: Instant) {
        if let Some(deadline) = self.deadline() {
            self.state = -(deadline.since(now).min(self.timeout()).as_nanos() as i64);
        }
    }

    /// Postpones the deadline to at least `at`, if the clock runs. The added time counts as time in a queue.
    pub fn postpone(&mut self, at: Instant) {
        if self.deadline().is_some_and(|deadline| deadline < at) {
            self.state = at.as_nanos() as i64;
        }
    }

    /// The deadline, while the clock runs.
    pub fn deadline(&self) -> Option<Instant> {
        (self.state > 0).then(|| Instant::from_nanos(self.state as u64))
    }

    /// When the queue timeout expires; `None` while the clock runs. The check has waited since `accepted`, except for the
    /// time used.
    pub fn queue_deadline(&self, accepted: Instant) -> Option<Instant> {
        let is_limited = self.state <= 0 && self.queue_timeout != ShortDuration::ZERO;
        is_limited.then(|| accepted + self.used() + self.queue_timeout.get())
    }

    /// The timeout of the check.
    pub fn timeout(&self) -> Duration {
        self.timeout.get()
    }

    /// The time used by a stopped clock.
    fn used(&self) -> Duration {
        self.timeout() - Duration::from_nanos(self.state.unsigned_abs())
    }

    /// The time used until `now`.
    pub fn elapsed(&self, now: Instant) -> Duration {
        match self.deadline() {
            None => self.used(),
            Some(deadline) if now > deadline => self.timeout() + now.since(deadline),
            Some(deadline) => self.timeout().saturating_sub(deadline.since(now)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn time_in_a_queue_is_not_counted() {
        let start = Instant::now();
        let mut clock = Clock::new(100 * MS);
        assert_eq!(clock.elapsed(start + 50 * MS), Duration::ZERO);
        for later in [0, 10] {
            clock.start(start + later * MS);
            assert_eq!(clock.deadline(), Some(start + 100 * MS));
        }
        for later in [30, 40] {
            clock.pause(start + later * MS);
            assert_eq!(clock.deadline(), None);
        }
        assert_eq!(clock.elapsed(start + 1000 * MS), 30 * MS);
        clock.start(start + 1000 * MS);
        assert_eq!(clock.deadline(), Some(start + 1070 * MS));
        assert_eq!(clock.elapsed(start + 1010 * MS), 40 * MS);
        assert_eq!(clock.elapsed(start + 1075 * MS), 105 * MS);
    }

    #[test]
    fn the_total_time_of_a_stopped_clock_is_limited() {
        let start = Instant::now();
        assert_eq!(Clock::new(100 * MS).queue_deadline(start), None);
        let mut clock = Clock::new(100 * MS).with_queue_timeout(Some(50 * MS));
        assert_eq!(clock.queue_deadline(start), Some(start + 50 * MS));
        clock.start(start + 20 * MS);
        assert_eq!(clock.queue_deadline(start), None);
        clock.pause(start + 60 * MS);
        // The clock was stopped for 20 ms, so 30 ms are left.
        assert_eq!(clock.queue_deadline(start), Some(start + 90 * MS));
    }

    proptest! {
        /// The model adds up the times from each start to the next pause.
        #[test]
        fn a_clock_counts_the_time_that_it_ran(
            timeout in 0..5_000_000u64, steps in vec((any::<bool>(), 0..1_000_000u64), 0..50),
        ) {
            let (timeout, mut now) = (Duration::from_micros(timeout), Instant::now());
            let mut clock = Clock::new(timeout);
            let mut used = Duration::ZERO;
            for (running, micros) in steps {
                let time = Duration::from_micros(micros);
                if running {
                    clock.start(now);
                } else {
                    clock.pause(now);
                    // Time beyond the deadline is dropped when the clock stops.
                    used = used.min(timeout);
                }
                now = now + time;
                if running {
                    used += time;
                    prop_assert_eq!(clock.deadline().is_some_and(|deadline| deadline <= now), used >= timeout);
                } else {
                    prop_assert_eq!(clock.deadline(), None);
                }
                prop_assert_eq!(clock.elapsed(now), used);
            }
        }
    }
}
