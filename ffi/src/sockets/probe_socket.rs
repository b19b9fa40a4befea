//! The socket of a probe, which is disconnected (RST) before it is closed.

use std::cell::Cell;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io;
use rustix::net::AddressFamily;

use super::recent_tuples::WatchedSyn;
use crate::config::Config;
use crate::record::Family;
use crate::sys;

/// The socket of a probe. The drop of a half-open socket disconnects it before the close.
///
/// A close alone is not enough: a forked child, as every child that Deno spawns, has copies of all descriptors until it
/// calls exec(). While a copy exists, close() sends nothing, and the kernel continues the handshake.
pub struct ProbeSocket {
    fd: OwnedFd,
    family: AddressFamily,
    half_open: bool,
    is_blocked: Cell<bool>,
    /// The SYN, unless it was refused.
    syn: Cell<Option<WatchedSyn>>,
}

impl ProbeSocket {
    /// Opens a socket that is in no epoll instance yet.
    pub fn open(config: &Config, family: Family, half_open: bool) -> io::Result<Self> {
        let open = if half_open { sys::half_open_socket } else { sys::full_socket };
        let fd = open(family.into())?;
        config.apply(fd.as_fd(), family).map_err(|error| error.errno)?;
        if let Some(retries) = config.syn_retries {
            // The kernel must not give up before the engine, even if `tcp_syn_retries` is lower.
            sys::set_syn_count(fd.as_fd(), retries.max(1))?;
        }
        Ok(Self { fd, family: family.into(), half_open, is_blocked: Cell::new(false), syn: Cell::new(None) })
    }

    pub fn is_half_open(&self) -> bool {
        self.half_open
    }

    /// Blocks incoming segments of a half-open probe by their TTL. A segment after the SYN-ACK (a second SYN-ACK, data, a
    /// stray RST) draws an ACK at once, which is not counted after `TCP_INFO` was read.
    pub fn block_segments(&self) {
        if self.half_open {
            // A failure is ignored, because it only hides ACKs of the last microsecond before the RST.
            self.is_blocked.set(sys::set_min_ttl(self.as_fd(), self.family, sys::MAX_TTL).is_ok());
        }
    }

    /// Admits segments again.
    fn admit_segments(&self) -> io::Result<()> {
        if self.is_blocked.get() {
            sys::set_min_ttl(self.as_fd(), self.family, 0)?;
            self.is_blocked.set(false);
        }
        Ok(())
    }

    /// Starts a handshake.
    pub fn connect(&self, address: &SocketAddr) -> io::Result<()> {
        self.syn.set(WatchedSyn::to(address));
        sys::connect(self.as_fd(), address)
    }

    /// Whether a refusal may be false, because the target may have an entry of an earlier probe.
    pub fn is_refusal_doubtful(&self) -> bool {
        // A refusal leaves no entry.
        let Some(syn) = self.syn.take() else { return false };
        sys::local_address(self.as_fd()).is_ok_and(|own| syn.may_meet_an_entry(own.port()))
    }

    /// Records the end of the SYN, before its port is free.
    fn end_syn(&self) {
        if let Some(syn) = self.syn.take()
            && let Ok(own) = sys::local_address(self.as_fd())
        {
            syn.end(own.port());
        }
    }

    /// Disconnects the socket, which can then be recycled. On an established connection this sends the RST.
    pub fn disconnect(&self) -> io::Result<()> {
        self.end_syn();
        sys::disconnect(self.as_fd())?;
        self.admit_segments()
    }
}

impl AsFd for ProbeSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Drop for ProbeSocket {
    fn drop(&mut self) {
        self.end_syn();
        if self.half_open {
            // If this fails, the close of the descriptor's last copy sends the RST (`SO_LINGER`).
            let _ = sys::disconnect(self.as_fd());
        }
    }
}
