//! The delayed ACK of a half-open handshake: whether it may have left before the RST.
//!
//! `TCP_INFO` counts the segments that a socket has sent, but only up to the RST: `tcp_disconnect()` sets the count
//! back to 0. Between that reading and the RST the thread may lose its CPU (SIGSTOP, a CPU quota, a higher priority),
//! and the timer of delayed ACKs (`TCP_DELACK_MAX`, 200 ms) sends the ACK meanwhile. So the time from the SYN-ACK to the
//! RST decides.

use std::time::Duration;

use crate::instant::Instant;

/// The time since the SYN-ACK in which no ACK leaves: `TCP_DELACK_MAX`, less the longest jiffy (10 ms), in which the kernel
/// counts both its timer and the age of a SYN-ACK.
pub const HELD_BACK: Duration = Duration::from_millis(190);

/// The state of the last ACK while its socket is open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HeldAck {
    /// None has left, and none will: the connection is closed.
    Never,
    /// None had left when the socket was read. The SYN-ACK came at this instant, or later.
    Held(Instant),
    /// It has left, or the socket can't be read.
    Left,
}

impl HeldAck {
    /// Whether it may have left before the RST, which was sent at `reset`.
    pub fn may_have_left(self, reset: Instant) -> bool {
        match self {
            Self::Never => false,
            Self::Held(since) => reset.since(since) >= HELD_BACK,
            Self::Left => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ack_may_have_left_190_ms_after_the_syn_ack() {
        let since = Instant::now();
        let after = |ms| HeldAck::Held(since).may_have_left(since + Duration::from_millis(ms));
        assert_eq!([0, 189, 190, 1000].map(after), [false, false, true, true]);
        let later = since + Duration::from_secs(1);
        assert_eq!([HeldAck::Never, HeldAck::Left].map(|ack| ack.may_have_left(later)), [false, true]);
    }
}
