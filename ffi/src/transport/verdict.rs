//! The verdict on a probe.

use rustix::io::Errno;

use super::HeldAck;
use crate::status::Status;
use crate::sys::Peer;

/// The verdict on a handshake.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// No answer yet.
    Pending,
    /// The SYN-ACK came.
    Up(Handshake),
    /// The network answered with an error.
    Failed(Errno),
    /// The state of the socket can't be read.
    Unknown(Errno),
    /// The kernel gave up after its last SYN (`tcp_syn_retries`), possibly before the check's deadline.
    GaveUp,
    /// A refusal that may be false, so that another SYN is needed.
    Doubtful,
    /// No answer to all permitted SYNs.
    Silent,
    /// A self-connection: the kernel chose the target's port as the local port, so the socket answered its own SYN. The
    /// port is closed.
    SelfConnected,
}

impl Verdict {
    /// The outcome of a finished probe: the handshake of an open port, or the status and error.
    pub fn outcome(self) -> Option<Result<Handshake, (Status, Errno)>> {
        Some(match self {
            Self::Pending | Self::GaveUp | Self::Doubtful | Self::Silent => return None,
            Self::Up(answer) => Ok(answer),
            Self::Failed(errno) => Err((Status::of_network(errno), errno)),
            Self::SelfConnected => Err((Status::Refused, Errno::CONNREFUSED)),
            Self::Unknown(errno) => Err((Status::LocalError, errno)),
        })
    }

    /// Whether the socket can be recycled after a disconnect. In `SYN_SENT` it can't, because the disconnect leaves an
    /// error pending.
    pub fn leaves_usable(self) -> bool {
        matches!(self, Self::Up(_) | Self::Failed(_))
    }

    /// The state of the last ACK of a finished probe.
    pub fn held_ack(self) -> HeldAck {
        match self {
            Self::Up(answer) => answer.ack,
            Self::Unknown(_) => HeldAck::Left,
            Self::Pending | Self::Failed(_) | Self::GaveUp | Self::Doubtful | Self::Silent | Self::SelfConnected => {
                HeldAck::Never
            }
        }
    }
}

/// The data of an answered handshake.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Handshake {
    /// The kernel's sample of the round trip time in microseconds, 0 if it took none.
    pub rtt_us: u32,
    /// The number of SYN retransmissions.
    pub retransmits: u32,
    /// The state of the last ACK.
    pub ack: HeldAck,
    /// The options and the window of the SYN-ACK.
    pub peer: Peer,
}
