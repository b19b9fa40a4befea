//! Socket options of a configuration, and socket options that `rustix` lacks.

#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::mem::size_of;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, BorrowedFd};

use bytemuck::Pod;
use rustix::io;
use rustix::net::{AddressFamily, sockopt};

use super::faults::{self, Call};
use super::{bind, last_error};

/// Binds a socket to an interface. The name is padded with zeroes.
pub fn bind_to_interface(socket: BorrowedFd<'_>, name: &[u8; 16]) -> io::Result<()> {
    faults::pass(Call::Configure)?;
    set_option(socket, libc::SOL_SOCKET, libc::SO_BINDTODEVICE, name)
}

/// Marks all packets of a socket.
pub fn set_mark(socket: BorrowedFd<'_>, mark: u32) -> io::Result<()> {
    faults::pass(Call::Configure)?;
    set_option(socket, libc::SOL_SOCKET, libc::SO_MARK, &mark)
}

/// Sets the TOS byte of an IPv4 socket. TCP sets its two bits of ECN.
pub fn set_tos(socket: BorrowedFd<'_>, tos: u8) -> io::Result<()> {
    faults::pass(Call::Configure)?;
    sockopt::set_ip_tos(socket, tos)
}

/// Sets the traffic class of an IPv6 socket.
pub fn set_traffic_class(socket: BorrowedFd<'_>, class: u8) -> io::Result<()> {
    faults::pass(Call::Configure)?;
    sockopt::set_ipv6_tclass(socket, class.into())
}

/// Sets the number of SYN retransmissions after which the kernel gives up (`TCP_SYNCNT`); newer kernels send more.
pub fn set_syn_count(socket: BorrowedFd<'_>, count: u8) -> io::Result<()> {
    faults::pass(Call::Configure)?;
    set_option(socket, libc::IPPROTO_TCP, libc::TCP_SYNCNT, &c_int::from(count))
}

/// Binds a socket to an address without a port (`IP_BIND_ADDRESS_NO_PORT`). connect() then chooses any port that no other
/// connection to the same target uses.
pub fn bind_address(socket: BorrowedFd<'_>, address: &SocketAddr) -> io::Result<()> {
    faults::pass(Call::Configure)?;
    // The level is also IP for IPv6 sockets.
    const YES: c_int = 1;
    set_option(socket, libc::IPPROTO_IP, libc::IP_BIND_ADDRESS_NO_PORT, &YES)?;
    bind(socket, address)
}

/// The maximum TTL. Each router decrements the TTL, and Linux starts with 64.
pub const MAX_TTL: c_int = 255;

/// Sets the minimum TTL, or hop limit, of segments for a socket (GTSM, RFC 5082). The kernel drops others silently.
pub fn set_min_ttl(socket: BorrowedFd<'_>, family: AddressFamily, ttl: c_int) -> io::Result<()> {
    faults::pass(Call::SetMinTtl)?;
    let (level, name) = match family {
        AddressFamily::INET => (libc::IPPROTO_IP, libc::IP_MINTTL),
        _ => (libc::IPPROTO_IPV6, libc::IPV6_MINHOPCOUNT),
    };
    set_option(socket, level, name, &ttl)
}

/// Attaches a classic BPF filter to a socket.
pub fn attach_filter(socket: BorrowedFd<'_>, program: &[libc::sock_filter]) -> io::Result<()> {
    faults::pass(Call::Configure)?;
    // The kernel only reads the program, so the cast to a mutable pointer is sound.
    let program = libc::sock_fprog { len: program.len() as u16, filter: program.as_ptr().cast_mut() };
    // SAFETY: the option is a `sock_fprog`, which points to memory of the given length; both outlive the call.
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

/// Reads an option. Returns its value, padded with zeroes, and the number of bytes that the kernel wrote.
pub(super) fn get_option<T: Pod>(socket: BorrowedFd<'_>, level: c_int, name: c_int) -> io::Result<(T, usize)> {
    let mut value = T::zeroed();
    let mut length = size_of::<T>() as libc::socklen_t;
    // SAFETY: `value` is writable for its length, the kernel writes no more, and any bytes are a valid value.
    check(unsafe {
        libc::getsockopt(socket.as_raw_fd(), level, name, (&raw mut value).cast::<c_void>(), &mut length)
    })?;
    Ok((value, length as usize))
}

fn check(result: c_int) -> io::Result<()> {
    if result == 0 { Ok(()) } else { Err(last_error()) }
}
