//! Codes that cross the boundary. Their texts are made once, in TypeScript.

use rustix::io::Errno;

/// The outcome of a check. The numbers are part of the record layout.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Status {
    /// A SYN-ACK came.
    Up = 0,
    /// A RST came.
    Refused = 1,
    /// Nothing came before the deadline, and a SYN was out.
    Timeout = 2,
    /// The name was not resolved before the deadline.
    ResolveTimeout = 3,
    /// The network said that there is no way to the target.
    Unreachable = 4,
    /// The name has no address; the code is an `EAI_*`.
    Unresolved = 5,
    /// Our own side failed, which says nothing about the target.
    LocalError = 6,
}

impl Status {
    /// What an error that connect() returned at once stands for: it was decided on this host.
    pub fn of_local(errno: Errno) -> Self {
        match errno {
            Errno::NETUNREACH | Errno::HOSTUNREACH | Errno::HOSTDOWN => Self::Unreachable,
            Errno::CONNREFUSED => Self::Refused,
            _ => Self::LocalError,
        }
    }

    /// What an error that ended a handshake under way stands for: it was decided by the network.
    ///
    /// These are the errors that Linux makes of ICMP and ICMPv6 messages (`icmp_err_convert`, `tab_unreach`,
    /// `icmpv6_err_convert`).
    pub fn of_network(errno: Errno) -> Self {
        match errno {
            Errno::CONNREFUSED => Self::Refused,
            Errno::NETUNREACH
            | Errno::HOSTUNREACH
            | Errno::HOSTDOWN
            | Errno::NONET
            | Errno::NOPROTOOPT
            | Errno::OPNOTSUPP
            | Errno::ACCESS
            | Errno::PROTO
            | Errno::MSGSIZE => Self::Unreachable,
            _ => Self::LocalError,
        }
    }

    /// The status with a number.
    pub fn from_code(code: u8) -> Option<Self> {
        let all = [
            Self::Up,
            Self::Refused,
            Self::Timeout,
            Self::ResolveTimeout,
            Self::Unreachable,
            Self::Unresolved,
            Self::LocalError,
        ];
        all.into_iter().find(|status| *status as u8 == code)
    }

    /// How much an outcome tells of a host with several addresses of which none is up: the higher, the more.
    pub fn weight(self) -> u8 {
        match self {
            Self::Up => 6,
            Self::Refused => 5,
            Self::Timeout => 4,
            Self::Unreachable => 3,
            Self::LocalError => 2,
            Self::ResolveTimeout => 1,
            Self::Unresolved => 0,
        }
    }
}

/// How an engine ended. Positive numbers are an `errno`.
pub mod end {
    /// It was stopped.
    pub const STOPPED: i32 = 0;
    /// It panicked.
    pub const PANICKED: i32 = -1;
    /// No engine has this handle.
    pub const UNKNOWN_HANDLE: i32 = -2;
}
