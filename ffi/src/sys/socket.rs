//! Sockets: open, bind, connect, disconnect.

use std::ffi::c_int;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::io::{self, Errno};
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, Protocol, SocketFlags, SocketType, ipproto, sockopt};

use super::faults::{self, Call};
use super::options::set_option;

/// Opens a non-blocking TCP socket on which a handshake is never completed.
///
/// `TCP_DEFER_ACCEPT` on a *client* socket makes the kernel delay the last ACK (`tcp_rcv_synsent_state_process()` starts
/// the delayed-ACK timer, `TCP_DELACK_MAX`, 200 ms). `TCP_QUICKACK=0` does the same, but does not survive a disconnect, so
/// a recycled socket would need a system call before its next probe. `SO_LINGER {1, 0}` makes close() send a RST instead
/// of a FIN. Without either option the server's accept() may return, so a failure to set one is an error.
pub fn half_open_socket(family: AddressFamily) -> io::Result<OwnedFd> {
    let socket = full_socket(family)?;
    let socket_ref = &socket;
    faults::pass(Call::SetLinger)?;
    sockopt::set_socket_linger(socket_ref, Some(Duration::ZERO))?;
    set_tcp_defer_accept(socket_ref, 1)?;
    Ok(socket)
}

/// Opens a non-blocking TCP socket that completes its handshake and ends with a FIN.
pub fn full_socket(family: AddressFamily) -> io::Result<OwnedFd> {
    // The protocol is not 0, because a system may make MPTCP the default, whose SYN has more options. If a BPF program
    // still makes it MPTCP, the subflow's last ACK is delayed too (tests/mptcp.rs), or, on an older kernel, setting the
    // option fails.
    open(family, SocketType::STREAM, Some(faults::tcp()))
}

/// Starts a handshake. `Ok` means that the SYN was sent, and may already be answered.
pub fn connect(socket: BorrowedFd<'_>, address: &SocketAddr) -> io::Result<()> {
    faults::pass(Call::Connect)?;
    match rustix::net::connect(socket, address) {
        Err(Errno::INPROGRESS) => Ok(()),
        result => result,
    }
}

/// Disconnects a socket (`connect(AF_UNSPEC)`). On an established connection this sends the RST.
pub fn disconnect(socket: BorrowedFd<'_>) -> io::Result<()> {
    faults::pass(Call::Disconnect)?;
    rustix::net::connect_unspec(socket)
}

/// The pending error of a socket. Reading clears it.
pub fn socket_error(socket: BorrowedFd<'_>) -> io::Result<Result<(), Errno>> {
    faults::pass(Call::SocketError)?;
    sockopt::socket_error(socket)
}

/// Whether a socket is connected to itself (simultaneous open, RFC 9293, 3.5).
pub fn is_self_connected(socket: BorrowedFd<'_>) -> io::Result<bool> {
    faults::pass(Call::GetSockName)?;
    let own = rustix::net::getsockname(socket)?;
    faults::pass(Call::GetPeerName)?;
    Ok(Some(own) == rustix::net::getpeername(socket)?)
}

/// Binds a socket to an address with its port.
pub fn bind(socket: BorrowedFd<'_>, address: &SocketAddr) -> io::Result<()> {
    faults::pass(Call::Bind)?;
    rustix::net::bind(socket, address)
}

fn set_tcp_defer_accept(socket: &OwnedFd, seconds: c_int) -> io::Result<()> {
    faults::pass(Call::SetDeferAccept)?;
    set_option(socket.as_fd(), libc::IPPROTO_TCP, libc::TCP_DEFER_ACCEPT, &seconds)
}

/// Opens a non-blocking raw socket of a protocol; `IPPROTO_RAW` sends packets with their own IP headers.
pub fn raw_socket(family: AddressFamily, protocol: Protocol) -> io::Result<OwnedFd> {
    open(family, SocketType::RAW, Some(protocol))
}

/// Opens a TCP socket that is bound to a port of the system's choice; with `dual`, to the port of both families.
pub fn port_holder(dual: bool) -> io::Result<OwnedFd> {
    let family = if dual { AddressFamily::INET6 } else { AddressFamily::INET };
    let socket = open(family, SocketType::STREAM, Some(ipproto::TCP))?;
    if dual {
        sockopt::set_ipv6_v6only(&socket, false)?;
        bind(socket.as_fd(), &SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)))?;
    } else {
        bind(socket.as_fd(), &SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)))?;
    }
    Ok(socket)
}

/// Opens a routing netlink socket that receives the notifications of `groups`.
pub fn routing_socket(groups: u32) -> io::Result<OwnedFd> {
    // `None` is the protocol 0, NETLINK_ROUTE.
    let socket = open(AddressFamily::NETLINK, SocketType::RAW, None)?;
    faults::pass(Call::Bind)?;
    rustix::net::bind(&socket, &SocketAddrNetlink::new(0, groups))?;
    Ok(socket)
}

/// The local address of a socket.
pub fn local_address(socket: BorrowedFd<'_>) -> io::Result<SocketAddr> {
    faults::pass(Call::GetSockName)?;
    SocketAddr::try_from(rustix::net::getsockname(socket)?)
}

fn open(family: AddressFamily, kind: SocketType, protocol: Option<Protocol>) -> io::Result<OwnedFd> {
    faults::pass(Call::Socket)?;
    rustix::net::socket_with(family, kind, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC, protocol)
}
