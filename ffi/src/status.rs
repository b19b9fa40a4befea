//! Codes that cross the boundary. Their texts are made once, in TypeScript.

use rustix::io::Errno;

/// The outcome of a check. Its numbers are part of the record's layout.
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
    /// The network reported that the target is unreachable.
    Unreachable = 4,
    /// The name has no address; the code is an `EAI_*` or one of [`unresolved`].
    Unresolved = 5,
    /// This host failed, which tells nothing about the target.
    LocalError = 6,
    /// Not the outcome of a check: the engine ended by itself, and this is its last record.
    Ended = 7,
    /// Not an outcome: an address of a name, in answer to [`Resolve::Lookup`](crate::record::Resolve::Lookup).
    Resolved = 8,
    /// Unreachable, too, but nothing was sent: this host has no route.
    NoRoute = 9,
    /// The check waited in the engine's queues for as long as it may. The address in question got no SYN.
    QueueTimeout = 10,
}

impl Status {
    /// The status for an error that connect() returned at once: this host decided it.
    pub fn of_local(errno: Errno) -> Self {
        match errno {
            Errno::NETUNREACH | Errno::HOSTUNREACH | Errno::HOSTDOWN => Self::NoRoute,
            Errno::CONNREFUSED => Self::Refused,
            _ => Self::LocalError,
        }
    }

    /// The status for an error that ended a handshake in flight: the network decided it.
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
            Self::Ended,
            Self::Resolved,
            Self::NoRoute,
            Self::QueueTimeout,
        ];
        all.into_iter().find(|status| *status as u8 == code)
    }

    /// The rank of an outcome for a host with several addresses of which none is up: the result is the outcome with the
    /// highest rank.
    pub fn weight(self, errno: i32) -> u8 {
        // This host lacks the family or an address of it, or the address lacks its zone.
        const NOT_FOR_THIS_HOST: [i32; 3] = [libc::EAFNOSUPPORT, libc::EADDRNOTAVAIL, libc::EINVAL];
        match self {
            Self::Up => 7,
            // An address that could not be probed may be up, so the failures of the others don't decide ...
            Self::LocalError if !NOT_FOR_THIS_HOST.contains(&errno) => 6,
            Self::Refused => 5,
            Self::Timeout => 4,
            Self::Unreachable | Self::NoRoute => 3,
            // ... unless this host can't probe such an address at any time.
            Self::LocalError => 2,
            Self::ResolveTimeout => 1,
            Self::Unresolved | Self::Ended | Self::Resolved | Self::QueueTimeout => 0,
        }
    }
}

/// The setting that a configuration error is about. The number stands above the `errno` in the error's code.
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
    /// A source port that is held.
    Ports = 8,
    /// The count of packets for which a raw socket had no room.
    Losses = 9,
    /// Sending and receiving many packets by one call, and receiving errors.
    Batches = 10,
}

/// Why a name has no address, beside getaddrinfo's `EAI_*`, all of which are above -200.
pub mod unresolved {
    /// It has none but 0.0.0.0 or ::, which mean this very host.
    pub const SINKHOLE: i32 = -1000;
}

/// How an engine ended. Positive numbers are an `errno`, and small negative ones `-errno` where a handle was expected
/// (the kernel has none above 4095).
pub mod end {
    /// It was stopped.
    pub const STOPPED: i32 = 0;
    /// It panicked.
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
            assert!(Status::LocalError.weight(errno.raw_os_error()) < Status::NoRoute.weight(0), "{errno:?}");
        }
        assert!(Status::LocalError.weight(libc::EPERM) > Status::Refused.weight(0));
    }

    #[test]
    fn no_two_outcomes_have_the_same_rank() {
        let mut weights = ALL.map(|status| status.weight(0)).to_vec();
        weights.push(Status::LocalError.weight(Errno::AFNOSUPPORT.raw_os_error()));
        weights.sort_unstable();
        assert_eq!(weights, [0, 1, 2, 3, 4, 5, 6, 7]);
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
