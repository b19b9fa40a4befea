//! Connection attempt delay: the time between the attempts to the addresses of a name (RFC 8305, 5).

use std::time::Duration;

use crate::instant::Instant;

/// The longest delay: the default of RFC 8305, 8.
pub const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// The shortest delay that RFC 8305, 5, allows, so that a name with many addresses causes no burst of SYNs.
const MIN_ATTEMPT_DELAY: Duration = Duration::from_millis(10);

/// The schedule of a name's attempts.
///
/// The delay counts from the scheduled start of an attempt, because late starts, when the engine thread lacks CPU, would
/// otherwise delay the last addresses past the deadline. Overdue attempts start together.
#[derive(Default)]
pub struct Stagger {
    /// When to try the next address if the last one has not answered.
    next: Option<Instant>,
    /// The scheduled start of a due attempt that waits in a queue.
    overdue: Option<Instant>,
}

impl Stagger {
    /// When the next attempt is due.
    pub fn next(&self) -> Option<Instant> {
        self.next
    }

    /// Takes the due attempt, for one of `addresses` untried addresses. Returns the scheduled time for its answer; `None`
    /// without an address.
    pub fn fall_due(&mut self, deadline: Instant, addresses: usize) -> Option<Duration> {
        self.overdue = self.next.take().filter(|_| addresses > 0);
        Some(answer_time(deadline.since(self.overdue?), addresses - 1))
    }

    /// Schedules the attempt after one that started at `at`, with `others` untried addresses. If the started attempt was
    /// overdue, returns the scheduled time for its answer.
    pub fn start(&mut self, at: Instant, deadline: Instant, others: usize) -> Option<Duration> {
        let overdue = self.overdue.take();
        let planned = overdue.unwrap_or(at);
        let left = deadline.since(planned);
        let next = planned + attempt_delay(left, others);
        self.next = Some(next).filter(|next| others > 0 && *next < deadline);
        overdue.map(|_| answer_time(left, others))
    }

    /// Restarts the schedule at the actual start of the next attempt, because no other attempt is in flight.
    pub fn restart(&mut self) {
        *self = Self::default();
    }
}

/// The delay after a SYN, given the remaining time and the number of untried addresses.
///
/// The time is divided equally, so that the last address has as much time for its answer as each one before it. Addresses
/// get no SYN only if there are more than shares of `MIN_ATTEMPT_DELAY`.
fn attempt_delay(left: Duration, others: usize) -> Duration {
    let shares = u32::try_from(others).unwrap_or(u32::MAX).saturating_add(1);
    (left / shares).clamp(MIN_ATTEMPT_DELAY, ATTEMPT_DELAY)
}

/// The time for an answer before the next attempt or the deadline.
fn answer_time(left: Duration, others: usize) -> Duration {
    attempt_delay(left, others).min(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// When each of a number of silent addresses gets its SYN, in ms, if the engine thread runs only at the given times.
    fn starts_at(timeout: u32, addresses: usize, awake: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let begin = Instant::now();
        let deadline = begin + timeout * MS;
        let mut stagger = Stagger::default();
        let mut starts = vec![0];
        assert_eq!(stagger.start(begin, deadline, addresses - 1), None);
        for ms in awake {
            let now = begin + ms * MS;
            while stagger.next().is_some_and(|next| next <= now) {
                let left = addresses - starts.len();
                let answer_time = stagger.fall_due(deadline, left);
                assert!(answer_time.is_some_and(|time| time <= ATTEMPT_DELAY));
                assert_eq!(stagger.start(now, deadline, left - 1), answer_time);
                starts.push(ms);
            }
        }
        starts
    }

    fn starts(timeout: u32, addresses: usize) -> Vec<u32> {
        starts_at(timeout, addresses, 0..timeout)
    }

    #[test]
    fn each_address_gets_its_syn_with_time_left_to_answer() {
        assert_eq!(starts(1000, 2), [0, 250]);
        assert_eq!(starts(250, 2), [0, 125]);
        assert_eq!(starts(100, 2), [0, 50]);
        assert_eq!(starts(900, 6), [0, 150, 300, 450, 600, 750]);
        assert_eq!(starts(60, 6), [0, 10, 20, 30, 40, 50]);
        // With more time the delay is the RFC's.
        assert_eq!(starts(5000, 4), [0, 250, 500, 750]);
    }

    #[test]
    fn many_addresses_get_no_burst_of_syns() {
        assert_eq!(starts(30, 1000), [0, 10, 20]);
        assert_eq!(attempt_delay(Duration::ZERO, usize::MAX), MIN_ATTEMPT_DELAY);
    }

    #[test]
    fn a_late_thread_keeps_the_schedule() {
        assert_eq!(starts_at(60, 6, [13, 27, 36, 49, 59]), [0, 13, 27, 36, 49, 59]);
        // Overdue attempts start together, and no other attempt does.
        assert_eq!(starts_at(60, 6, [31, 41, 58]), [0, 31, 31, 31, 41, 58]);
        assert_eq!(starts_at(60, 6, [500]), [0, 500, 500, 500, 500, 500]);
        assert_eq!(starts_at(30, 1000, [500]), [0, 500, 500]);
    }

    #[test]
    fn an_attempt_that_follows_no_timer_counts_from_its_start() {
        let begin = Instant::now();
        let deadline = begin + 60 * MS;
        let mut stagger = Stagger::default();
        stagger.start(begin, deadline, 5);
        assert_eq!(stagger.start(begin + 5 * MS, deadline, 4), None);
        assert_eq!(stagger.next(), Some(begin + 16 * MS));
        stagger.fall_due(deadline, 4);
        stagger.restart();
        assert_eq!(stagger.start(begin + 20 * MS, deadline, 3), None);
        assert_eq!(stagger.next(), Some(begin + 30 * MS));
    }

    #[test]
    fn an_attempt_without_an_address_is_dropped() {
        let begin = Instant::now();
        let mut stagger = Stagger::default();
        stagger.start(begin, begin + 60 * MS, 1);
        assert_eq!(stagger.fall_due(begin + 60 * MS, 0), None);
        assert_eq!((stagger.next(), stagger.start(begin, begin + 60 * MS, 0)), (None, None));
    }
}
