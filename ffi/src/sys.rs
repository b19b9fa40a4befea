//! The system calls of a probe.
//!
//! Each is made through `rustix`; those that it lacks (`TCP_DEFER_ACCEPT`, `TCP_INFO`, `SO_MARK`, ...) go through `libc`.

#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::mem::{MaybeUninit, offset_of, size_of};
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use bytemuck::Pod;
use linux_raw_sys::net::tcp_info;
use rustix::io::{self, Errno};
use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};

use crate::faults::{self, Call};

/// Makes a non-blocking TCP socket on which a handshake is never completed.
///
/// `TCP_DEFER_ACCEPT` on a *client* socket has the kernel hold the last ACK back (`tcp_rcv_synsent_state_process`: the
/// ACK is left to the delayed-ACK timer, `TCP_DELACK_MAX`, 200 ms). Unlike `TCP_QUICKACK=0`, which does the same, it
/// outlives a disconnect, so a recycled socket needs no further system call before its next probe. `SO_LINGER {1, 0}`
/// makes close() send a RST in place of a FIN. With either one missing the server's accept() returns, so a failure
/// of either is an error.
pub fn half_open_socket(family: AddressFamily) -> io::Result<OwnedFd> {
    let socket = full_socket(family)?;
    let socket_ref = &socket;
    faults::pass(Call::SetLinger)?;
    sockopt::set_socket_linger(socket_ref, Some(Duration::ZERO))?;
    set_tcp_defer_accept(socket_ref, 1)?;
    Ok(socket)
}

/// Makes a non-blocking TCP socket that completes its handshake and ends with a FIN.
pub fn full_socket(family: AddressFamily) -> io::Result<OwnedFd> {
    // The protocol is named, not left at 0: a system may make MPTCP the default, which has options of its own in the SYN.
    // Where a BPF program makes it MPTCP all the same, the subflow's last ACK is held back too (tests/mptcp.rs), or, on
    // an older kernel, setting the option fails.
    faults::pass(Call::Socket)?;
    rustix::net::socket_with(
        family,
        SocketType::STREAM,
        SocketFlags::NONBLOCK | SocketFlags::CLOEXEC,
        Some(faults::tcp()),
    )
}

/// Starts a handshake. `Ok` means that the SYN is on its way (or already answered).
pub fn connect(socket: BorrowedFd<'_>, address: &SocketAddr) -> io::Result<()> {
    faults::pass(Call::Connect)?;
    match rustix::net::connect(socket, address) {
        Err(Errno::INPROGRESS) => Ok(()),
        result => result,
    }
}

/// Takes a socket back to its unconnected state; on an established one this sends the RST.
pub fn disconnect(socket: BorrowedFd<'_>) -> io::Result<()> {
    faults::pass(Call::Disconnect)?;
    rustix::net::connect_unspec(socket)
}

/// The pending error of a socket, which asking for clears.
pub fn socket_error(socket: BorrowedFd<'_>) -> io::Result<Result<(), Errno>> {
    faults::pass(Call::SocketError)?;
    sockopt::socket_error(socket)
}

/// Whether a socket is connected to itself (RFC 9293, simultaneous open).
pub fn is_self_connected(socket: BorrowedFd<'_>) -> io::Result<bool> {
    faults::pass(Call::GetSockName)?;
    let own = rustix::net::getsockname(socket)?;
    faults::pass(Call::GetPeerName)?;
    Ok(Some(own) == rustix::net::getpeername(socket)?)
}

/// The fields of `TCP_INFO` that concern a handshake.
#[derive(Clone, Copy, Debug)]
pub struct TcpInfo {
    /// The state, a `TCP_*` constant of `linux/tcp_states.h`.
    pub state: u8,
    /// The smoothed round trip time in microseconds; 0 when the kernel has no sample.
    pub rtt_us: u32,
    /// SYNs sent again.
    pub retransmits: u32,
    /// Segments sent, where the kernel counts them (since 4.2).
    pub segments_out: u32,
    /// The time since the peer last acknowledged anything, in the kernel's jiffies: since the SYN-ACK, while nothing else came.
    pub since_ack: Duration,
    /// Whether the peer has acknowledged our SYN, as far as the kernel tells (since 4.1): if it doesn't, it may have.
    pub has_acknowledged: bool,
    /// What is known of the peer, once it has answered.
    pub peer: Peer,
}

/// The options and the window of a SYN-ACK.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Peer {
    /// The options in use from now on: `TCPI_OPT_*`.
    pub options: u8,
    /// The shift of its windows to come, where window scale is among the options.
    pub window_scale: u8,
    /// The most that a segment to it may carry: what it takes, or the way to it, whichever is less.
    pub mss: u32,
    /// What it would take at once, in bytes, where the kernel tells (since 5.4).
    pub window: Option<u32>,
}

impl TcpInfo {
    /// `TCP_SYN_SENT`: no answer yet.
    pub const SYN_SENT: u8 = 2;
    /// `TCP_SYN_RECV`: the peer has sent a SYN as if it were to check us, and no answer (RFC 9293, 3.5).
    pub const SYN_RECV: u8 = 3;
    /// `TCP_CLOSE`.
    pub const CLOSE: u8 = 7;
}

/// Reads `TCP_INFO`.
pub fn tcp_info(socket: BorrowedFd<'_>) -> io::Result<TcpInfo> {
    faults::pass(Call::TcpInfo)?;
    let mut info = MaybeUninit::<tcp_info>::zeroed();
    let mut length = size_of::<tcp_info>() as libc::socklen_t;
    // SAFETY: `info` is writable for `length` bytes, and the kernel writes at most that many.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            info.as_mut_ptr().cast::<c_void>(),
            &mut length,
        )
    };
    check(result)?;
    // SAFETY: every field is an integer, for which zeroes, where an older kernel wrote nothing, are a valid value.
    let info = unsafe { info.assume_init() };
    let tells_acknowledged = length as usize >= offset_of!(tcp_info, tcpi_bytes_acked) + size_of::<u64>();
    let told = length as usize >= offset_of!(tcp_info, tcpi_snd_wnd) + size_of::<u32>();
    Ok(TcpInfo {
        state: info.tcpi_state,
        rtt_us: info.tcpi_rtt,
        retransmits: info.tcpi_total_retrans,
        segments_out: info.tcpi_segs_out,
        since_ack: Duration::from_millis(info.tcpi_last_ack_recv.into()),
        has_acknowledged: !tells_acknowledged || info.tcpi_bytes_acked > 0,
        peer: Peer {
            options: info.tcpi_options,
            window_scale: info.tcpi_snd_wscale(),
            mss: info.tcpi_snd_mss,
            window: told.then_some(info.tcpi_snd_wnd),
        },
    })
}

/// Sends and receives by one interface only. The name is padded with zeroes.
pub fn bind_to_interface(socket: BorrowedFd<'_>, name: &[u8; 16]) -> io::Result<()> {
    faults::pass(Call::Configure)?;
    set_option(socket, libc::SOL_SOCKET, libc::SO_BINDTODEVICE, name)
}

/// Marks all packets of a socket.
pub fn set_mark(socket: BorrowedFd<'_>, mark: u32) -> io::Result<()> {
    faults::pass(Call::Configure)?;
    set_option(socket, libc::SOL_SOCKET, libc::SO_MARK, &mark)
}

/// Sets the TOS byte of an IPv4 socket. Its two bits for ECN are TCP's own.
pub fn set_tos(socket: BorrowedFd<'_>, tos: u8) -> io::Result<()> {
    faults::pass(Call::Configure)?;
    sockopt::set_ip_tos(socket, tos)
}

/// Sets the traffic class of an IPv6 socket.
pub fn set_traffic_class(socket: BorrowedFd<'_>, class: u8) -> io::Result<()> {
    faults::pass(Call::Configure)?;
    sockopt::set_ipv6_tclass(socket, class.into())
}

/// Has the kernel send a SYN again so often, at least, before it gives up.
pub fn set_syn_count(socket: BorrowedFd<'_>, count: u8) -> io::Result<()> {
    faults::pass(Call::Configure)?;
    set_option(socket, libc::IPPROTO_TCP, libc::TCP_SYNCNT, &c_int::from(count))
}

/// Binds a socket to an address, but leaves the port to connect(), which knows the target and so has all ports to choose
/// from that are not on the way there.
pub fn bind_address(socket: BorrowedFd<'_>, address: &SocketAddr) -> io::Result<()> {
    faults::pass(Call::Configure)?;
    // For IPv6 too it is an option of IP.
    const YES: c_int = 1;
    set_option(socket, libc::IPPROTO_IP, libc::IP_BIND_ADDRESS_NO_PORT, &YES)?;
    bind(socket, address)
}

/// The greatest TTL. Segments that a router has forwarded have less, those of Linux start with 64.
pub const MAX_TTL: c_int = 255;

/// Sets the least TTL, or hop limit, of segments for a socket (GTSM, RFC 5082). The kernel drops others unanswered.
pub fn set_min_ttl(socket: BorrowedFd<'_>, family: AddressFamily, ttl: c_int) -> io::Result<()> {
    faults::pass(Call::SetMinTtl)?;
    let (level, name) = match family {
        AddressFamily::INET => (libc::IPPROTO_IP, libc::IP_MINTTL),
        _ => (libc::IPPROTO_IPV6, libc::IPV6_MINHOPCOUNT),
    };
    set_option(socket, level, name, &ttl)
}

/// Binds a socket to an address, port and all.
pub fn bind(socket: BorrowedFd<'_>, address: &SocketAddr) -> io::Result<()> {
    faults::pass(Call::Bind)?;
    rustix::net::bind(socket, address)
}

fn set_tcp_defer_accept(socket: &OwnedFd, seconds: c_int) -> io::Result<()> {
    faults::pass(Call::SetDeferAccept)?;
    set_option(socket.as_fd(), libc::IPPROTO_TCP, libc::TCP_DEFER_ACCEPT, &seconds)
}

/// Attaches a classic BPF filter to a socket.
pub fn attach_filter(socket: BorrowedFd<'_>, program: &[libc::sock_filter]) -> io::Result<()> {
    faults::pass(Call::Configure)?;
    // The kernel only reads it.
    let program = libc::sock_fprog { len: program.len() as u16, filter: program.as_ptr().cast_mut() };
    // SAFETY: the option is a `sock_fprog`, which names memory with its length; both outlive the call.
    check(unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_ATTACH_FILTER,
            (&raw const program).cast::<c_void>(),
            size_of::<libc::sock_fprog>() as libc::socklen_t,
        )
    })
}

/// Sets an option that `rustix` lacks.
pub fn set_option<T: Pod>(socket: BorrowedFd<'_>, level: c_int, name: c_int, value: &T) -> io::Result<()> {
    // SAFETY: `value` is readable for its length, and outlives the call.
    check(unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            name,
            (&raw const *value).cast::<c_void>(),
            size_of::<T>() as libc::socklen_t,
        )
    })
}

fn check(result: c_int) -> io::Result<()> {
    if result == 0 {
        Ok(())
    } else {
        let error = std::io::Error::last_os_error();
        Err(Errno::from_io_error(&error).unwrap_or(Errno::IO))
    }
}

/// Fails when the process, or the system, has no descriptor left.
pub fn has_descriptors() -> io::Result<()> {
    rustix::net::socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None).map(drop)
}

/// The index of a network interface.
pub fn interface_index(name: &str) -> io::Result<u32> {
    faults::pass(Call::InterfaceIndex)?;
    let socket = rustix::net::socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None)?;
    rustix::net::netdevice::name_to_index(&socket, name)
}
