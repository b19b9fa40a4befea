//! Codes that cross the boundary. TypeScript converts them to text.

use rustix::io::Errno;

/// The outcome of a check. The numbers are part of the record's layout.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Status {
    /// A SYN-ACK came.
    Up = 0,
    /// A RST came.
    Refused = 1,
    /// A SYN was sent, and no answer came before the deadline.
    Timeout = 2,
    /// The name was not resolved before the deadline.
    ResolveTimeout = 3,
    /// The network reported that the target is unreachable.
    Unreachable = 4,
    /// The name has no address; the code is an `EAI_*` or one of [`unresolved`].
    Unresolved = 5,
    /// This host failed, so the target's state is unknown.
    LocalError = 6,
    /// Not the outcome of a check: the last record of an engine thread that failed.
    Ended = 7,
    /// Not an outcome: an address of a name, the result of [`Resolve::Lookup`](crate::record::Resolve::Lookup).
    Resolved = 8,
    /// Unreachable, and no SYN was sent, because this host has no route.
    NoRoute = 9,
    /// The check reached the limit of its time in the engine's queues. The reported address got no SYN.
    QueueTimeout = 10,
}

impl Status {
    /// The status for an error that connect() returned immediately, which comes from this host.
    pub fn of_local(errno: Errno) -> Self {
        match errno {
            Errno::NETUNREACH | Errno::HOSTUNREACH | Errno::HOSTDOWN => Self::NoRoute,
            Errno::CONNREFUSED => Self::Refused,
            _ => Self::LocalError,
        }
    }

    /// The status for an error that ended a handshake in flight, which comes from the network: Linux derives these
    /// errors from ICMP and ICMPv6 messages (`icmp_err_convert`, `tab_unreach`, `icmpv6_err_convert`).
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
            Self::Ended,
            Self::Resolved,
            Self::NoRoute,
            Self::QueueTimeout,
        ];
        all.into_iter().find(|status| *status as u8 == code)
    }

    /// The rank of an address's outcome. The result of a name is the outcome with the highest rank.
    pub fn rank(self, errno: i32) -> u8 {
        // This host lacks the family or an address of the family, or the address lacks its zone.
        const NOT_FOR_THIS_HOST: [i32; 3] = [libc::EAFNOSUPPORT, libc::EADDRNOTAVAIL, libc::EINVAL];
        match self {
            Self::Up => 7,
            // An address that could not be probed may be up.
            Self::LocalError if !NOT_FOR_THIS_HOST.contains(&errno) => 6,
            Self::Refused => 5,
            Self::Timeout => 4,
            Self::Unreachable | Self::NoRoute => 3,
            // This host can never probe the address.
            Self::LocalError => 2,
            Self::ResolveTimeout => 1,
            Self::Unresolved | Self::Ended | Self::Resolved | Self::QueueTimeout => 0,
        }
    }
}

/// The setting that caused a configuration error. In the error's code the number is above the `errno`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Setting {
    /// No setting: the error concerns the engine itself.
    None = 0,
    /// The source address.
    Source = 1,
    /// The interface.
    Interface = 2,
    /// The mark.
    Mark = 3,
    /// The TOS byte, or traffic class.
    Tos = 4,
    /// A raw socket, or an option of one.
    RawSocket = 5,
    /// The filter of a raw socket.
    Filter = 6,
    /// The netlink socket that reports changed routes.
    Netlink = 7,
    /// A held source port.
    Ports = 8,
    /// The count of packets that a raw socket's full receive queue dropped.
    Losses = 9,
    /// The calls that send or receive batches of packets, and the call that receives errors.
    Batches = 10,
}

/// Reasons why a name has no address, besides getaddrinfo's `EAI_*`, which are above -200.
pub mod unresolved {
    /// The name has only the addresses 0.0.0.0 or ::, which mean this host.
    pub const SINKHOLE: i32 = -1000;
}

/// How an engine ended. Other negative numbers are `-errno` (the kernel's are at most 4095).
pub mod end {
    /// The engine was stopped.
    pub const STOPPED: i32 = 0;
    /// The engine panicked.
    pub const PANICKED: i32 = -10_000;
    /// No engine has this handle.
    pub const UNKNOWN_HANDLE: i32 = -10_001;
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Status; 7] = [
        Status::Up,
        Status::Refused,
        Status::Timeout,
        Status::ResolveTimeout,
        Status::Unreachable,
        Status::Unresolved,
        Status::LocalError,
    ];

    #[test]
    fn codes_and_statuses_are_one_to_one() {
        for code in 0..=u8::MAX {
            let named = ALL
                .into_iter()
                .chain([Status::Ended, Status::Resolved, Status::NoRoute, Status::QueueTimeout])
                .find(|status| *status as u8 == code);
            assert_eq!(Status::from_code(code), named, "{code}");
        }
    }

    #[test]
    fn an_address_that_this_host_can_never_probe_outranks_no_answer() {
        for errno in [Errno::AFNOSUPPORT, Errno::ADDRNOTAVAIL, Errno::INVAL] {
            assert!(Status::LocalError.rank(errno.raw_os_error()) < Status::NoRoute.rank(0), "{errno:?}");
        }
        assert!(Status::LocalError.rank(libc::EPERM) > Status::Refused.rank(0));
    }

    #[test]
    fn no_two_outcomes_have_the_same_rank() {
        let mut ranks = ALL.map(|status| status.rank(0)).to_vec();
        ranks.push(Status::LocalError.rank(Errno::AFNOSUPPORT.raw_os_error()));
        ranks.sort_unstable();
        assert_eq!(ranks, [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    /// `icmp_err_convert` (net/ipv4/icmp.c), and `tab_unreach` and `icmpv6_err_convert` (net/ipv6/icmp.c).
    #[test]
    fn errors_from_icmp_are_statuses_of_the_target() {
        for errno in [
            Errno::NETUNREACH,
            Errno::HOSTUNREACH,
            Errno::NOPROTOOPT,
            Errno::MSGSIZE,
            Errno::OPNOTSUPP,
            Errno::HOSTDOWN,
            Errno::NONET,
            Errno::ACCESS,
            Errno::PROTO,
        ] {
            assert_eq!(Status::of_network(errno), Status::Unreachable, "{errno:?}");
        }
        // A port unreachable message, or a RST.
        assert_eq!(Status::of_network(Errno::CONNREFUSED), Status::Refused);
    }

    #[test]
    fn errors_of_this_host_are_local() {
        for errno in [Errno::PERM, Errno::ACCESS, Errno::INVAL, Errno::ADDRNOTAVAIL, Errno::MFILE, Errno::NOBUFS] {
            assert_eq!(Status::of_local(errno), Status::LocalError, "{errno:?}");
        }
        assert_eq!(Status::of_local(Errno::NETUNREACH), Status::NoRoute);
        assert_eq!(Status::of_network(Errno::NOBUFS), Status::LocalError);
    }

    #[test]
    fn codes_of_an_engines_end_are_not_errnos() {
        for code in [end::PANICKED, end::UNKNOWN_HANDLE] {
            assert!(code < -4095, "{code}");
        }
    }
}
