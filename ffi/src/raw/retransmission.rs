//! Retransmission timeouts of SYNs.

use std::time::Duration;

use crate::instant::Instant;

/// The first retransmission timeout of a SYN, which doubles each time (RFC 6298, section 2).
pub const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The longest retransmission timeout (`TCP_RTO_MAX`).
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// The time of the next retransmission, after the `resent`-th, which was due at `due` and is sent at `now`.
///
/// The timeout counts from the due time, because a late engine thread would otherwise delay the last SYN past the
/// deadline. An answer has at least a second.
pub fn next_retransmit(resent: u32, due: Instant, now: Instant) -> Instant {
    (due + wait_after(resent)).max(now + FIRST_WAIT)
}

/// Whether the first retransmission timeout has passed since a SYN. Both times are in ns of the real-time clock.
pub fn has_had_time(sent: u64, now: u64) -> bool {
    now.saturating_sub(sent) >= FIRST_WAIT.as_nanos() as u64
}

/// The retransmission timeout after the `resent`-th retransmission.
fn wait_after(resent: u32) -> Duration {
    FIRST_WAIT.saturating_mul(1 << resent.min(7)).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_twice_as_long_up_to_two_minutes() {
        let waits = [1, 2, 3, 4, 5, 6, 7, 8, 99].map(|resent| wait_after(resent).as_secs());
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 120, 120, 120]);
    }

    #[test]
    fn a_late_thread_keeps_the_schedule_of_retransmissions() {
        let due = Instant::now();
        let next = |late| next_retransmit(1, due, due + Duration::from_millis(late)).since(due).as_millis();
        // A SYN that is more than a second late has a second for its answer.
        assert_eq!([0, 30, 1000, 1001, 5000].map(next), [2000, 2000, 2000, 2001, 6000]);
    }
}
