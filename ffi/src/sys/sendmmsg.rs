//! Sends batches of packets by sendmmsg(). Through `libc`, because `rustix` lacks `IP_PKTINFO`.

#![allow(unsafe_code)]

use std::mem::{offset_of, zeroed};
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::io;
use rustix::net::SocketAddrAny;
use rustix::net::addr::SocketAddrArg;
use smallvec::SmallVec;

use super::faults::{self, Call};
use super::last_error;

/// The maximum number of packets per call. Larger batches save little, and all packets share one reading of the clock.
pub const MAX_PER_SEND: usize = 8;

type Few<T> = SmallVec<[T; MAX_PER_SEND]>;

/// A packet with its destination and source.
struct Outgoing {
    to: SocketAddrAny,
    bytes: libc::iovec,
    from: Option<Source>,
}

/// A control message (`cmsghdr`) with an `in_pktinfo`, which makes the kernel route the packet by its source address, as
/// `ip_route_connect()` does for TCP. For IPv6, TCP's route does not depend on the source.
#[repr(C)]
struct Source {
    length: usize,
    level: libc::c_int,
    kind: libc::c_int,
    interface: libc::c_int,
    address: [u8; 4],
    destination: [u8; 4],
}

impl Source {
    const LENGTH: usize = offset_of!(Self, destination) + 4;

    fn of(packet: &[u8]) -> Option<Self> {
        let address = *packet.get(12..16)?.first_chunk()?;
        let (level, kind) = (libc::IPPROTO_IP, libc::IP_PKTINFO);
        Some(Self { length: Self::LENGTH, level, kind, interface: 0, address, destination: [0; 4] })
    }
}

/// Sends packets with IP headers, each to an address whose port is ignored. Returns the number of packets that were sent
/// before one failed. An error is the first packet's.
pub fn send<'a>(socket: BorrowedFd<'_>, packets: impl Iterator<Item = (&'a [u8], SocketAddr)>) -> io::Result<usize> {
    faults::pass(Call::Send)?;
    let outgoing = |(packet, mut to): (&[u8], SocketAddr)| {
        // On an IPv6 raw socket the port is the protocol.
        to.set_port(0);
        let bytes = libc::iovec { iov_base: packet.as_ptr().cast_mut().cast(), iov_len: packet.len() };
        Outgoing { to: to.as_any(), bytes, from: if to.is_ipv4() { Source::of(packet) } else { None } }
    };
    let mut all_outgoing: Few<_> = packets.map(outgoing).collect();
    let message = |outgoing: &mut Outgoing| {
        // SAFETY: all fields are integers and pointers, for which zeroes are a valid value.
        let mut message: libc::mmsghdr = unsafe { zeroed() };
        message.msg_hdr.msg_name = outgoing.to.as_ptr().cast_mut().cast();
        message.msg_hdr.msg_namelen = outgoing.to.addr_len();
        message.msg_hdr.msg_iov = &mut outgoing.bytes;
        message.msg_hdr.msg_iovlen = 1;
        if let Some(from) = &mut outgoing.from {
            message.msg_hdr.msg_control = (&raw mut *from).cast();
            message.msg_hdr.msg_controllen = Source::LENGTH as _;
        }
        message
    };
    let mut messages: Few<_> = all_outgoing.iter_mut().map(message).collect();
    // SAFETY: each message points to memory of its own `Outgoing` and its packet, with their lengths. The kernel only reads
    // this memory, which outlives the call.
    let count = unsafe {
        libc::sendmmsg(socket.as_raw_fd(), messages.as_mut_ptr(), messages.len() as _, libc::MSG_DONTWAIT as _)
    };
    usize::try_from(count).map_err(|_| last_error())
}
