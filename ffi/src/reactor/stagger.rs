//! Connection attempt delay: how long a name's next address waits for an answer from the one before it (RFC 8305, 5).

use std::time::Duration;

/// The default of RFC 8305, 8, and the most that is waited.
pub const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// The least that RFC 8305, 5, allows: a name with many addresses must not send a burst of SYNs.
const MIN_ATTEMPT_DELAY: Duration = Duration::from_millis(10);

/// How long to wait after a SYN, with this much time left and so many addresses not tried yet.
///
/// It divides the time equally, so that the last address has as long for its answer as each one before it. Only more
/// addresses than `MIN_ATTEMPT_DELAY` fits into the time leave some without a SYN.
pub fn attempt_delay(left: Duration, others: usize) -> Duration {
    let shares = u32::try_from(others).unwrap_or(u32::MAX).saturating_add(1);
    (left / shares).clamp(MIN_ATTEMPT_DELAY, ATTEMPT_DELAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When each of so many silent addresses gets its SYN, in ms.
    fn starts(timeout: u64, addresses: usize) -> Vec<u64> {
        let timeout = Duration::from_millis(timeout);
        let mut at = Duration::ZERO;
        let mut starts = Vec::new();
        for others in (0..addresses).rev() {
            if at >= timeout {
                break;
            }
            starts.push(at.as_millis() as u64);
            at += attempt_delay(timeout - at, others);
        }
        starts
    }

    #[test]
    fn each_address_gets_its_syn_with_time_left_to_answer() {
        assert_eq!(starts(1000, 2), [0, 250]);
        assert_eq!(starts(250, 2), [0, 125]);
        assert_eq!(starts(100, 2), [0, 50]);
        assert_eq!(starts(900, 6), [0, 150, 300, 450, 600, 750]);
        // With more time the delay is the RFC's.
        assert_eq!(starts(5000, 4), [0, 250, 500, 750]);
    }

    #[test]
    fn many_addresses_are_no_burst() {
        assert_eq!(starts(30, 1000), [0, 10, 20]);
        assert_eq!(attempt_delay(Duration::ZERO, usize::MAX), MIN_ATTEMPT_DELAY);
    }
}
