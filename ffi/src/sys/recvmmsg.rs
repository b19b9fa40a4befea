//! Receives batches of packets by recvmmsg(), and errors from a socket's error queue.

#![allow(unsafe_code)]

use std::mem::zeroed;
use std::net::{IpAddr, Ipv6Addr, SocketAddrV6};
use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::io::{self, Errno};

use super::faults::{self, Call};
use super::{control, last_error};

/// The maximum number of packets per call.
pub const MAX_PER_RECEIVE: usize = 64;
/// The maximum length of IPv4 and TCP headers with options.
const MAX_HEADER_BYTES: usize = 120;

/// The receive buffers of one recvmmsg().
pub struct ReceiveBatch {
    packets: Box<[Slot; MAX_PER_RECEIVE]>,
    count: usize,
}

#[derive(Clone, Copy)]
struct Slot {
    data: [u8; MAX_HEADER_BYTES],
    control: Control,
    from: libc::sockaddr_in6,
    length: usize,
    control_length: usize,
}

/// Aligned for `cmsghdr`.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct Control([u8; 128]);

/// A received packet.
pub struct Received<'a> {
    /// The packet; of IPv4 with the IP header, of IPv6 without.
    pub data: &'a [u8],
    /// Whether the packet is not truncated.
    pub is_whole: bool,
    /// The source of an IPv6 packet, without the port.
    pub from: Option<SocketAddrV6>,
    /// The destination of an IPv6 packet, with `IPV6_RECVPKTINFO`.
    pub to: Option<Ipv6Addr>,
    /// When the kernel received the packet, in ns of the real-time clock.
    pub at: Option<u64>,
}

/// An ICMP error, or an error of this host, of a sent packet.
pub struct NetworkError {
    /// The errno for ICMP's type and code.
    pub errno: Errno,
    /// The destination of the packet.
    pub target: IpAddr,
    pub scope: u32,
    /// The start of the packet's segment.
    pub quote: [u8; 8],
}

impl ReceiveBatch {
    pub fn new() -> Self {
        // SAFETY: all fields are integers or arrays of them, for which zeroes are a valid value.
        let slot: Slot = unsafe { zeroed() };
        Self { packets: Box::new([slot; MAX_PER_RECEIVE]), count: 0 }
    }

    /// Receives up to [`MAX_PER_RECEIVE`] pending packets. Returns their number.
    pub fn fill(&mut self, socket: BorrowedFd<'_>) -> io::Result<usize> {
        self.count = 0;
        faults::pass(Call::Receive)?;
        // SAFETY: all fields are integers and pointers, for which zeroes are a valid value.
        let mut vectors: [libc::iovec; MAX_PER_RECEIVE] = unsafe { zeroed() };
        // SAFETY: as above.
        let mut headers: [libc::mmsghdr; MAX_PER_RECEIVE] = unsafe { zeroed() };
        for ((slot, vector), header) in self.packets.iter_mut().zip(&mut vectors).zip(&mut headers) {
            *vector = libc::iovec { iov_base: slot.data.as_mut_ptr().cast(), iov_len: MAX_HEADER_BYTES };
            header.msg_hdr.msg_iov = vector;
            header.msg_hdr.msg_iovlen = 1;
            header.msg_hdr.msg_name = (&raw mut slot.from).cast();
            header.msg_hdr.msg_namelen = size_of::<libc::sockaddr_in6>() as libc::socklen_t;
            header.msg_hdr.msg_control = slot.control.0.as_mut_ptr().cast();
            header.msg_hdr.msg_controllen = slot.control.0.len() as _;
        }
        // SAFETY: each header points to memory of its own slot, of the given length, which outlives the call.
        let count = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                headers.as_mut_ptr(),
                MAX_PER_RECEIVE as u32,
                // With MSG_TRUNC the kernel returns the length of the whole packet.
                (libc::MSG_DONTWAIT | libc::MSG_TRUNC) as _,
                std::ptr::null_mut(),
            )
        };
        let count = usize::try_from(count).map_err(|_| last_error())?;
        for (slot, header) in self.packets.iter_mut().zip(&headers[..count]) {
            slot.length = header.msg_len as usize;
            slot.control_length = header.msg_hdr.msg_controllen;
        }
        self.count = count;
        Ok(count)
    }

    pub fn packets(&self) -> impl Iterator<Item = Received<'_>> {
        self.packets[..self.count].iter().map(|slot| {
            let control = &slot.control.0[..slot.control_length.min(slot.control.0.len())];
            Received {
                data: &slot.data[..slot.length.min(MAX_HEADER_BYTES)],
                is_whole: slot.length <= MAX_HEADER_BYTES,
                from: v6_address(&slot.from),
                to: control::destination(control),
                at: control::timestamp(control),
            }
        })
    }
}

/// Takes an error from a socket's error queue; `None` if the queue is empty.
pub fn take_error(socket: BorrowedFd<'_>) -> io::Result<Option<NetworkError>> {
    faults::pass(Call::Receive)?;
    let mut quote = [0u8; 8];
    let mut control = Control([0; 128]);
    // SAFETY: all fields are integers, for which zeroes are a valid value.
    let mut target: libc::sockaddr_in6 = unsafe { zeroed() };
    let mut vector = libc::iovec { iov_base: quote.as_mut_ptr().cast(), iov_len: quote.len() };
    // SAFETY: all fields are integers and pointers, for which zeroes are a valid value.
    let mut header: libc::msghdr = unsafe { zeroed() };
    header.msg_iov = &mut vector;
    header.msg_iovlen = 1;
    header.msg_name = (&raw mut target).cast();
    header.msg_namelen = size_of::<libc::sockaddr_in6>() as libc::socklen_t;
    header.msg_control = control.0.as_mut_ptr().cast();
    header.msg_controllen = control.0.len() as _;
    // SAFETY: the header points to memory of the given length, which outlives the call.
    let length = unsafe { libc::recvmsg(socket.as_raw_fd(), &mut header, libc::MSG_ERRQUEUE | libc::MSG_DONTWAIT) };
    if length < 0 {
        return match last_error() {
            Errno::AGAIN => Ok(None),
            errno => Err(errno),
        };
    }
    let control = &control.0[..header.msg_controllen.min(control.0.len())];
    let (target, scope) = match v6_address(&target) {
        Some(v6) => (IpAddr::V6(*v6.ip()), v6.scope_id()),
        None => (IpAddr::V4(v4_address(&target).into()), 0),
    };
    Ok(Some(NetworkError { errno: control::error(control).unwrap_or(Errno::IO), target, scope, quote }))
}

fn v6_address(from: &libc::sockaddr_in6) -> Option<SocketAddrV6> {
    (i32::from(from.sin6_family) == libc::AF_INET6)
        .then(|| SocketAddrV6::new(from.sin6_addr.s6_addr.into(), 0, 0, from.sin6_scope_id))
}

/// The address of a `sockaddr_in`, which is at the offset of the flow label of a `sockaddr_in6`.
fn v4_address(from: &libc::sockaddr_in6) -> [u8; 4] {
    from.sin6_flowinfo.to_ne_bytes()
}
