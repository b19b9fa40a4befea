//! The delayed ACK of a half-open handshake: whether it may have been sent before the RST.
//!
//! `TCP_INFO` counts the segments that a socket has sent, but must be read before the RST, because `tcp_disconnect()`
//! resets the count. Between the reading and the RST the thread may lose its CPU (SIGSTOP, a CPU quota, a higher
//! priority), and the timer of delayed ACKs (`TCP_DELACK_MAX`, 200 ms; 40 ms or less after a FIN) may send the ACK. So
//! the time from the SYN-ACK to the RST decides.

use std::time::Duration;

use crate::instant::Instant;

/// The longest jiffy, the unit of the kernel's timers and of the age of a segment.
const JIFFY: Duration = Duration::from_millis(10);

/// The minimum time by which the kernel delays the ACK of a SYN-ACK: `TCP_DELACK_MAX`, less the longest jiffy.
pub const SYN_ACK_DELAY: Duration = Duration::from_millis(200).saturating_sub(JIFFY);

/// The same for the ACK of a FIN after the SYN-ACK: `TCP_DELACK_MIN`, or the socket's own maximum if that is shorter.
pub fn fin_delay(longest: Duration) -> Duration {
    const TCP_DELACK_MIN: Duration = Duration::from_millis(40);
    longest.min(TCP_DELACK_MIN).saturating_sub(JIFFY)
}

/// The state of the last ACK while its socket is open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HeldAck {
    /// Neither sent nor pending, because the connection is closed.
    Never,
    /// Not sent before this instant.
    Until(Instant),
    /// Sent, or unknown because the socket can't be read.
    Left,
}

impl HeldAck {
    /// Whether the ACK may have been sent before the RST, which was sent at `reset`.
    pub fn may_have_left(self, reset: Instant) -> bool {
        match self {
            Self::Never => false,
            Self::Until(end) => reset >= end,
            Self::Left => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ack_may_have_left_once_its_delay_is_over() {
        let end = Instant::now();
        let at = |reset| HeldAck::Until(end).may_have_left(reset);
        let ms = Duration::from_millis(1);
        assert_eq!([end - ms, end, end + ms].map(at), [false, true, true]);
        assert_eq!([HeldAck::Never, HeldAck::Left].map(|ack| ack.may_have_left(end)), [false, true]);
    }
}
