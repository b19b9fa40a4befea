//! The record of a result: one finished check.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use bytemuck::{Pod, Zeroable};

use crate::status::Status;
use crate::sys::Peer;

/// A result of a check.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct ResultRecord {
    /// Time spent on name resolution, in ms.
    pub dns_time: f64,
    /// Time from the start of the check to its outcome, in ms, without the time in the engine's queues.
    pub duration: f64,
    /// The round trip time in ms; 0 if the port is not up.
    pub rtt: f64,
    /// Time in the engine's queues, in ms.
    pub queue_time: f64,
    /// The probed address; an IPv4 address takes the first four bytes.
    pub address: [u8; 16],
    /// The IPv6 scope id (interface index), 0 for none.
    pub scope: u32,
    /// The request's id.
    pub id: u32,
    /// An `errno`, an `EAI_*` or another code of [`unresolved`](crate::status::unresolved), or 0.
    pub code: i32,
    /// SYN retransmissions.
    pub retransmits: u32,
    /// A [`Status`].
    pub status: u8,
    /// The family of the address: 4, 6, or 0 without an address.
    pub family: u8,
    /// 1 if more results of the same id follow.
    pub more: u8,
    /// 1 if the handshake was or may have been completed: without zero linger, or because the kernel sent the ACK.
    pub full: u8,
    /// The number of the engine.
    pub engine: u32,
    /// The window of the SYN-ACK, in bytes.
    pub window: u32,
    /// The maximum segment size to the peer, in bytes.
    pub mss: u16,
    /// The options of the SYN-ACK: bits of [`offer`].
    pub offer: u8,
    /// The shift of the peer's window scale.
    pub window_scale: u8,
}

/// Bits of a SYN-ACK's options, as in the kernel's `tcpi_options` (`linux/tcp.h`), and of known fields.
pub mod offer {
    use linux_raw_sys::net;

    /// Timestamps.
    pub const TIMESTAMPS: u8 = net::TCPI_OPT_TIMESTAMPS as u8;
    /// Selective acknowledgments.
    pub const SACK: u8 = net::TCPI_OPT_SACK as u8;
    /// A window scale.
    pub const WINDOW_SCALE: u8 = net::TCPI_OPT_WSCALE as u8;
    /// Explicit congestion notification.
    pub const ECN: u8 = net::TCPI_OPT_ECN as u8;
    /// Whether the window is known. (Linux before 5.4 does not report it.)
    pub const WINDOW: u8 = 1 << 7;
}

impl ResultRecord {
    /// A result with only an id and a status.
    pub fn new(id: u32, status: Status) -> Self {
        Self { id, status: status as u8, ..Self::zeroed() }
    }

    /// Sets the probed address.
    pub fn set_address(&mut self, address: &SocketAddr) {
        match address {
            SocketAddr::V4(v4) => {
                self.family = 4;
                self.address[..4].copy_from_slice(&v4.ip().octets());
            }
            SocketAddr::V6(v6) => {
                self.family = 6;
                self.address = v6.ip().octets();
                self.scope = v6.scope_id();
            }
        }
    }

    /// Sets the fields about the SYN-ACK.
    pub(crate) fn set_peer(&mut self, peer: &Peer) {
        self.offer = peer.options & (offer::TIMESTAMPS | offer::SACK | offer::WINDOW_SCALE | offer::ECN);
        self.window_scale = peer.window_scale;
        self.mss = u16::try_from(peer.mss).unwrap_or(u16::MAX);
        if let Some(window) = peer.window {
            self.offer |= offer::WINDOW;
            self.window = window;
        }
    }

    /// The probed address, if any.
    pub fn ip(&self) -> Option<IpAddr> {
        match self.family {
            4 => {
                let [a, b, c, d, ..] = self.address;
                Some(Ipv4Addr::new(a, b, c, d).into())
            }
            6 => Some(Ipv6Addr::from(self.address).into()),
            _ => None,
        }
    }
}
