//! The delayed ACK of a half-open handshake: whether it may have left before the RST.
//!
//! `TCP_INFO` counts the segments that a socket has sent, but only up to the RST: `tcp_disconnect()` sets the count
//! back to 0. Between that reading and the RST the thread may lose its CPU (SIGSTOP, a CPU quota, a higher priority),
//! and the timer of delayed ACKs (`TCP_DELACK_MAX`, 200 ms; 40 ms or less after a FIN) sends the ACK meanwhile. So the
//! time from the SYN-ACK to the RST decides.

use std::time::Duration;

use crate::instant::Instant;

/// The longest jiffy, in which the kernel counts both its timers and the age of a segment.
const JIFFY: Duration = Duration::from_millis(10);

/// How long the kernel delays the ACK of a SYN-ACK at least: `TCP_DELACK_MAX`, less the longest jiffy.
pub const SYN_ACK_DELAY: Duration = Duration::from_millis(200).saturating_sub(JIFFY);

/// The same for the ACK of a FIN behind the SYN-ACK: `TCP_DELACK_MIN`, or the socket's own maximum if that is shorter.
pub fn fin_delay(longest: Duration) -> Duration {
    const TCP_DELACK_MIN: Duration = Duration::from_millis(40);
    longest.min(TCP_DELACK_MIN).saturating_sub(JIFFY)
}

/// The state of the last ACK while its socket is open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HeldAck {
    /// None has left, and none will: the connection is closed.
    Never,
    /// None had left when the socket was read, and none leaves before this instant.
    Until(Instant),
    /// It has left, or the socket can't be read.
    Left,
}

impl HeldAck {
    /// Whether it may have left before the RST, which was sent at `reset`.
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
