//! `SO_MEMINFO`: the receive memory of a socket, and its count of dropped packets.

use std::os::fd::BorrowedFd;

use rustix::io;

use super::options::get_option;

/// The receive memory of a socket (`SO_MEMINFO`).
pub struct Memory {
    /// Used bytes, including the kernel's overhead.
    pub used: u32,
    pub room: u32,
    /// The number of packets dropped since the socket was opened.
    pub drops: u32,
}

impl Memory {
    /// Whether the buffer is so full that it may just have dropped packets.
    pub fn is_filling_up(&self) -> bool {
        self.used > self.room / 2
    }
}

/// Reads `SO_MEMINFO`.
pub fn memory(socket: BorrowedFd<'_>) -> io::Result<Memory> {
    // `SK_MEMINFO_RMEM_ALLOC`, `SK_MEMINFO_RCVBUF` and, as the last, `SK_MEMINFO_DROPS` of `linux/sock_diag.h`.
    let ([used, room, .., drops], _): ([u32; 9], usize) = get_option(socket, libc::SOL_SOCKET, libc::SO_MEMINFO)?;
    Ok(Memory { used, room, drops })
}
