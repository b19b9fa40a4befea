//! The calls that the tests make fail, with their errors and occasions.

use rustix::io::Errno;
use tcp_shaker::faults::{Call, Fault, Plan};

use crate::common::scaled;

/// When a call fails: the first time, once later, or every third time for a while.
pub const OCCASIONS: [(u32, u32, u32); 4] = [(0, 1, 1), (20, 1, 1), (0, 3, u32::MAX), (10, 1, 30)];

/// The system calls of a check.
pub const FOR_A_CHECK: [Call; 15] = [
    Call::Socket,
    Call::SetLinger,
    Call::SetDeferAccept,
    Call::Configure,
    Call::Connect,
    Call::Disconnect,
    Call::SocketError,
    Call::TcpInfo,
    Call::SetMinTtl,
    Call::GetSockName,
    Call::GetPeerName,
    Call::InterfaceIndex,
    Call::EpollAdd,
    Call::GetAddrInfo,
    Call::SpawnThread,
];

/// The system calls of a check of the raw engine.
pub const FOR_A_RAW_CHECK: [Call; 6] =
    [Call::Socket, Call::Configure, Call::Bind, Call::GetSockName, Call::Send, Call::Receive];

/// The system calls of an engine's start.
pub const AT_THE_START: [Call; 6] =
    [Call::Configure, Call::EpollCreate, Call::EventfdCreate, Call::EpollAdd, Call::SetRlimit, Call::SpawnThread];

/// The system calls of the event loop.
pub const OF_THE_LOOP: [Call; 2] = [Call::EpollWait, Call::EventfdWrite];

/// The errors of a call by its man page, and EPERM, the error of a seccomp filter.
pub fn errnos(call: Call) -> &'static [Errno] {
    match call {
        Call::Socket => &[
            Errno::ACCESS,
            Errno::AFNOSUPPORT,
            Errno::INVAL,
            Errno::MFILE,
            Errno::NFILE,
            Errno::NOBUFS,
            Errno::NOMEM,
            Errno::PROTONOSUPPORT,
            Errno::PERM,
        ],
        Call::SetLinger | Call::SetDeferAccept | Call::SetMinTtl | Call::Configure => {
            &[Errno::BADF, Errno::INVAL, Errno::NOPROTOOPT, Errno::NOMEM, Errno::NOBUFS, Errno::PERM]
        }
        Call::Connect => &[
            Errno::ACCESS,
            Errno::PERM,
            Errno::ADDRINUSE,
            Errno::ADDRNOTAVAIL,
            Errno::AFNOSUPPORT,
            Errno::AGAIN,
            Errno::ALREADY,
            Errno::BADF,
            Errno::INTR,
            Errno::INVAL,
            Errno::ISCONN,
            Errno::NOBUFS,
            Errno::NOMEM,
            Errno::TIMEDOUT,
        ],
        Call::Send => &[Errno::ACCESS, Errno::PERM, Errno::AGAIN, Errno::INVAL, Errno::NOBUFS],
        Call::Receive => &[Errno::AGAIN, Errno::INTR, Errno::INVAL, Errno::NOMEM, Errno::HOSTUNREACH, Errno::PERM],
        Call::Disconnect => &[Errno::ACCESS, Errno::PERM, Errno::BADF, Errno::INTR, Errno::INVAL, Errno::NOMEM],
        Call::SocketError | Call::TcpInfo => {
            &[Errno::BADF, Errno::INVAL, Errno::NOPROTOOPT, Errno::NOMEM, Errno::NOBUFS, Errno::PERM]
        }
        Call::GetSockName => &[Errno::BADF, Errno::INVAL, Errno::NOBUFS, Errno::PERM],
        Call::GetPeerName => &[Errno::BADF, Errno::INVAL, Errno::NOBUFS, Errno::PERM, Errno::NOTCONN],
        Call::InterfaceIndex => &[Errno::NODEV, Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::PERM],
        Call::GetAddrInfo => &[Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::AGAIN, Errno::INTR],
        Call::EpollCreate => &[Errno::INVAL, Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::PERM],
        // EADDRINUSE is reported as connect()'s error for the same cause.
        Call::Bind => &[Errno::ADDRNOTAVAIL, Errno::INVAL, Errno::NOBUFS, Errno::NOMEM, Errno::PERM],
        Call::EpollAdd => &[Errno::BADF, Errno::EXIST, Errno::INVAL, Errno::NOMEM, Errno::NOSPC, Errno::PERM],
        Call::EpollWait => &[Errno::INTR, Errno::BADF, Errno::FAULT, Errno::INVAL, Errno::PERM],
        Call::EventfdCreate => &[Errno::INVAL, Errno::MFILE, Errno::NFILE, Errno::NODEV, Errno::NOMEM, Errno::PERM],
        Call::EventfdWrite => &[Errno::INTR, Errno::AGAIN, Errno::BADF, Errno::INVAL, Errno::PERM],
        Call::SetRlimit => &[Errno::PERM, Errno::INVAL, Errno::FAULT],
        Call::SpawnThread => &[Errno::AGAIN, Errno::PERM],
    }
}

/// The plans of a call's failures, one per errno and occasion. The quick tests combine the first errno with all
/// occasions, and the other errnos with the first occasion.
pub fn plans(call: Call) -> impl Iterator<Item = Plan> {
    errnos(call).iter().enumerate().flat_map(move |(i, errno)| {
        let occasions = if i == 0 { OCCASIONS.len() } else { scaled(OCCASIONS.len() as u32, 1) as usize };
        OCCASIONS.into_iter().take(occasions).map(move |(after, every, times)| Plan {
            call,
            fault: Fault::Error(*errno),
            after,
            every,
            times,
        })
    })
}
