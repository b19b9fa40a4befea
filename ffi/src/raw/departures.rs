//! Packets that leave with one call.

use std::io::IoSlice;
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;

use rustix::io;
use rustix::net::addr::SocketAddrArg;
use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags, sendmmsg};
use smallvec::SmallVec;

use crate::faults::{self, Call};

/// As many as leave together. More would be hardly cheaper, and the clock is read once for all of them.
pub const TOGETHER: usize = 8;

type Few<T> = SmallVec<[T; TOGETHER]>;

/// Sends packets, which have their IP headers, each to an address whose port is of no account. Returns how many: the one
/// after them can't be sent, which is the error if it is the first.
pub fn send<'a>(
    socket: BorrowedFd<'_>,
    packets: impl Iterator<Item = (&'a [u8], SocketAddr)> + Clone,
) -> io::Result<usize> {
    faults::pass(Call::Send)?;
    // IPv6 takes a port for the protocol.
    let without_port = |mut address: SocketAddr| {
        address.set_port(0);
        address.as_any()
    };
    let addresses: Few<_> = packets.clone().map(|(_, to)| without_port(to)).collect();
    let bytes: Few<_> = packets.map(|(packet, _)| [IoSlice::new(packet)]).collect();
    let mut nothing: Few<_> = bytes.iter().map(|_| SendAncillaryBuffer::default()).collect();
    let parts = addresses.iter().zip(&bytes).zip(&mut nothing);
    let mut messages: Few<_> =
        parts.map(|((address, bytes), nothing)| MMsgHdr::new_with_addr(address, bytes, nothing)).collect();
    sendmmsg(socket, &mut messages, SendFlags::DONTWAIT)
}
