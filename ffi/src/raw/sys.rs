//! The system calls of raw sockets that `rustix` lacks.

#![allow(unsafe_code)]

use std::mem::zeroed;
use std::net::{IpAddr, Ipv6Addr, SocketAddrV6};
use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::io::{self, Errno};

use crate::faults::{self, Call};

/// Packets received in one call.
pub const BATCH: usize = 64;
/// An IPv4 header and a TCP header, each with all the options that it can have.
const LONGEST: usize = 120;

/// The receive buffers of one recvmmsg().
pub struct Inbox {
    packets: Box<[Slot; BATCH]>,
    filled: usize,
}

#[derive(Clone, Copy)]
struct Slot {
    data: [u8; LONGEST],
    control: Control,
    from: libc::sockaddr_in6,
    length: usize,
    control_length: usize,
}

/// Aligned as the kernel's headers want it.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct Control([u8; 128]);

/// A packet that was received.
pub struct Received<'a> {
    /// With its header if it is of IPv4, without if it is of IPv6.
    pub data: &'a [u8],
    /// Whether that is all of it, and not its start alone.
    pub is_whole: bool,
    /// Where one of IPv6 comes from, without the port.
    pub from: Option<SocketAddrV6>,
    /// Where one of IPv6 comes to, if that was asked for (`IPV6_RECVPKTINFO`).
    pub to: Option<Ipv6Addr>,
    /// When the kernel got it, by the system's clock, in ns.
    pub at: Option<u64>,
}

/// An ICMP error, or an error of this host, about a packet that was sent.
pub struct NetworkError {
    /// What ICMP's type and code come to.
    pub errno: Errno,
    /// Where the packet was to go.
    pub target: IpAddr,
    pub scope: u32,
    /// The start of its segment.
    pub quote: [u8; 8],
}

impl Inbox {
    pub fn new() -> Self {
        // SAFETY: all of it is integers, and arrays of them, for which zeroes are a valid value.
        let slot: Slot = unsafe { zeroed() };
        Self { packets: Box::new([slot; BATCH]), filled: 0 }
    }

    /// Receives pending packets, as many as fit. Returns how many.
    pub fn fill(&mut self, socket: BorrowedFd<'_>) -> io::Result<usize> {
        self.filled = 0;
        faults::pass(Call::Receive)?;
        // SAFETY: both are integers and pointers, for which zeroes are a valid value.
        let mut vectors: [libc::iovec; BATCH] = unsafe { zeroed() };
        // SAFETY: as above.
        let mut headers: [libc::mmsghdr; BATCH] = unsafe { zeroed() };
        for ((slot, vector), header) in self.packets.iter_mut().zip(&mut vectors).zip(&mut headers) {
            *vector = libc::iovec { iov_base: slot.data.as_mut_ptr().cast(), iov_len: LONGEST };
            header.msg_hdr.msg_iov = vector;
            header.msg_hdr.msg_iovlen = 1;
            header.msg_hdr.msg_name = (&raw mut slot.from).cast();
            header.msg_hdr.msg_namelen = size_of::<libc::sockaddr_in6>() as libc::socklen_t;
            header.msg_hdr.msg_control = slot.control.0.as_mut_ptr().cast();
            header.msg_hdr.msg_controllen = slot.control.0.len() as _;
        }
        // SAFETY: each header names memory of its own slot, with its length, which outlives the call.
        let count = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                headers.as_mut_ptr(),
                BATCH as u32,
                // With MSG_TRUNC it tells how long a packet was that there is no room for.
                (libc::MSG_DONTWAIT | libc::MSG_TRUNC) as _,
                std::ptr::null_mut(),
            )
        };
        let count = usize::try_from(count).map_err(|_| last_error())?;
        for (slot, header) in self.packets.iter_mut().zip(&headers[..count]) {
            slot.length = header.msg_len as usize;
            slot.control_length = header.msg_hdr.msg_controllen;
        }
        self.filled = count;
        Ok(count)
    }

    pub fn packets(&self) -> impl Iterator<Item = Received<'_>> {
        self.packets[..self.filled].iter().map(|slot| {
            let control = &slot.control.0[..slot.control_length.min(slot.control.0.len())];
            Received {
                data: &slot.data[..slot.length.min(LONGEST)],
                is_whole: slot.length <= LONGEST,
                from: v6_address(&slot.from),
                to: destination(control),
                at: timestamp(control),
            }
        })
    }
}

/// Takes an error out of a socket's queue; none if it is empty.
pub fn take_error(socket: BorrowedFd<'_>) -> io::Result<Option<NetworkError>> {
    faults::pass(Call::Receive)?;
    let mut quote = [0u8; 8];
    let mut control = Control([0; 128]);
    // SAFETY: integers, for which zeroes are a valid value.
    let mut target: libc::sockaddr_in6 = unsafe { zeroed() };
    let mut vector = libc::iovec { iov_base: quote.as_mut_ptr().cast(), iov_len: quote.len() };
    // SAFETY: integers and pointers, for which zeroes are a valid value.
    let mut header: libc::msghdr = unsafe { zeroed() };
    header.msg_iov = &mut vector;
    header.msg_iovlen = 1;
    header.msg_name = (&raw mut target).cast();
    header.msg_namelen = size_of::<libc::sockaddr_in6>() as libc::socklen_t;
    header.msg_control = control.0.as_mut_ptr().cast();
    header.msg_controllen = control.0.len() as _;
    // SAFETY: the header names memory with its length, which outlives the call.
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
    Ok(Some(NetworkError { errno: error(control).unwrap_or(Errno::IO), target, scope, quote }))
}

/// The receive memory of a socket (`SO_MEMINFO`).
pub struct Memory {
    /// In bytes, the kernel's own included.
    pub used: u32,
    pub room: u32,
    /// Packets dropped since it was opened.
    pub drops: u32,
}

impl Memory {
    /// Whether there may have been no room for a packet a moment ago.
    pub fn is_filling_up(&self) -> bool {
        self.used > self.room / 2
    }
}

pub fn memory(socket: BorrowedFd<'_>) -> io::Result<Memory> {
    // `SK_MEMINFO_RMEM_ALLOC`, `SK_MEMINFO_RCVBUF` and, as the last, `SK_MEMINFO_DROPS` of `linux/sock_diag.h`.
    let mut info = [0u32; 9];
    let mut length = size_of_val(&info) as libc::socklen_t;
    // SAFETY: `info` is writable for `length` bytes, and the kernel writes at most that many.
    let result = unsafe {
        libc::getsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_MEMINFO, info.as_mut_ptr().cast(), &mut length)
    };
    let [used, room, .., drops] = info;
    if result == 0 { Ok(Memory { used, room, drops }) } else { Err(last_error()) }
}

fn v6_address(from: &libc::sockaddr_in6) -> Option<SocketAddrV6> {
    (i32::from(from.sin6_family) == libc::AF_INET6)
        .then(|| SocketAddrV6::new(from.sin6_addr.s6_addr.into(), 0, 0, from.sin6_scope_id))
}

/// The address of a `sockaddr_in`, which is shorter and has it where the other has its flow label.
fn v4_address(from: &libc::sockaddr_in6) -> [u8; 4] {
    from.sin6_flowinfo.to_ne_bytes()
}

/// The address of an `in6_pktinfo`, which begins with it.
fn destination(control: &[u8]) -> Option<Ipv6Addr> {
    let mut all = messages(control);
    let (_, _, data) = all.find(|(level, kind, _)| (*level, *kind) == (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO))?;
    Some((*data.first_chunk::<16>()?).into())
}

fn timestamp(control: &[u8]) -> Option<u64> {
    let mut all = messages(control);
    let (_, _, data) = all.find(|(level, kind, _)| (*level, *kind) == (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS))?;
    let (seconds, rest) = data.split_first_chunk::<8>()?;
    let nanos = rest.first_chunk::<8>()?;
    let (seconds, nanos) = (i64::from_ne_bytes(*seconds), i64::from_ne_bytes(*nanos));
    u64::try_from(seconds).ok()?.checked_mul(1_000_000_000)?.checked_add(nanos.try_into().ok()?)
}

/// The error that a message of the error queue is about: the first field of its `sock_extended_err`.
fn error(control: &[u8]) -> Option<Errno> {
    const KINDS: [(i32, i32); 2] = [(libc::IPPROTO_IP, libc::IP_RECVERR), (libc::IPPROTO_IPV6, libc::IPV6_RECVERR)];
    let mut all = messages(control);
    let (_, _, data) = all.find(|(level, kind, _)| KINDS.contains(&(*level, *kind)))?;
    let errno = i32::from_ne_bytes(*data.first_chunk()?);
    // Others than the kernel's would be none of `rustix`'s.
    (1..4096).contains(&errno).then(|| Errno::from_raw_os_error(errno))
}

/// The control messages (`CMSG_NXTHDR`): level, type, and data.
fn messages(mut control: &[u8]) -> impl Iterator<Item = (i32, i32, &[u8])> {
    const HEADER: usize = size_of::<libc::cmsghdr>();
    std::iter::from_fn(move || {
        let (length, rest) = control.split_first_chunk::<{ size_of::<usize>() }>()?;
        let (level, rest) = rest.split_first_chunk::<4>()?;
        let kind = rest.first_chunk::<4>()?;
        let length = usize::from_ne_bytes(*length);
        let data = control.get(HEADER..length)?;
        control = control.get(length.next_multiple_of(size_of::<usize>())..).unwrap_or_default();
        Some((i32::from_ne_bytes(*level), i32::from_ne_bytes(*kind), data))
    })
}

fn last_error() -> Errno {
    Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn message(level: i32, kind: i32, data: &[u8]) -> Vec<u8> {
        let length = size_of::<libc::cmsghdr>() + data.len();
        let mut message = [&length.to_ne_bytes()[..], &level.to_ne_bytes(), &kind.to_ne_bytes(), data].concat();
        message.resize(length.next_multiple_of(size_of::<usize>()), 0);
        message
    }

    proptest! {
        #[test]
        fn the_time_and_the_error_are_told_from_each_other(
            seconds in 0..u64::from(u32::MAX), nanos in 0..1_000_000_000u64, errno in 1..4096i32, v6 in any::<bool>(),
        ) {
            let time = [seconds.to_ne_bytes(), nanos.to_ne_bytes()].concat();
            let time = message(libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS, &time);
            let (level, kind) =
                if v6 { (libc::IPPROTO_IPV6, libc::IPV6_RECVERR) } else { (libc::IPPROTO_IP, libc::IP_RECVERR) };
            let failure = message(level, kind, &[&errno.to_ne_bytes()[..], &[2, 3, 1, 0]].concat());
            let address = Ipv6Addr::from([7; 16]);
            let to = message(libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, &[&address.octets()[..], &[1, 0, 0, 0]].concat());
            for control in [[&time[..], &to, &failure].concat(), [&failure[..], &to, &time].concat()] {
                prop_assert_eq!(destination(&control), Some(address));
                prop_assert_eq!(timestamp(&control), Some(seconds * 1_000_000_000 + nanos));
                prop_assert_eq!(error(&control), Some(Errno::from_raw_os_error(errno)));
            }
            prop_assert_eq!((error(&time), timestamp(&failure), destination(&time)), (None, None, None));
        }

        #[test]
        fn whatever_control_messages_there_are_they_are_read_or_left(control in vec(any::<u8>(), 0..128)) {
            let _ = (error(&control), timestamp(&control), destination(&control));
        }
    }

    #[test]
    fn an_errno_that_is_none_is_none() {
        for errno in [0, -1, 4096, i32::MAX] {
            assert_eq!(error(&message(libc::IPPROTO_IP, libc::IP_RECVERR, &errno.to_ne_bytes())), None);
        }
    }
}
