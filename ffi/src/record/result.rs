//! The record of a result: one finished check.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use bytemuck::{Pod, Zeroable};

use crate::status::Status;
use crate::sys::Peer;

/// A finished check.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct ResultRecord {
    /// Time spent on name resolution, in ms.
    pub dns_time: f64,
    /// Time from the start of the check to its outcome, in ms, without the time in the engine's queues.
    pub duration: f64,
    /// The round trip time in ms, 0 when not up.
    pub rtt: f64,
    /// Time in the engine's queues, in ms.
    pub queue_time: f64,
    /// The address probed; an IPv4 address in the first four bytes.
    pub address: [u8; 16],
    /// The IPv6 scope id (interface index), 0 for none.
    pub scope: u32,
    /// The request's id.
    pub id: u32,
    /// An `errno`, an `EAI_*` or another code of [`unresolved`](crate::status::unresolved), or 0.
    pub code: i32,
    /// SYNs sent again.
    pub retransmits: u32,
    /// A [`Status`].
    pub status: u8,
    /// Family of the address: 4, 6, or 0 for none probed.
    pub family: u8,
    /// 1 when more results of the same id follow.
    pub more: u8,
    /// 1 when the handshake was completed: no zero linger was asked for, or the kernel's ACK had left already.
    pub full: u8,
    /// The number of the engine.
    pub engine: u32,
    /// The window of the SYN-ACK, in bytes.
    pub window: u32,
    /// The most bytes of a segment to the peer.
    pub mss: u16,
    /// What the SYN-ACK had: bits of [`offer`].
    pub offer: u8,
    /// The shift of the peer's window scale.
    pub window_scale: u8,
}

/// What a SYN-ACK may have. The bits of the options are the kernel's (`linux/tcp.h`).
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
    /// A window, as far as is known. (It always has one, but older kernels don't tell.)
    pub const WINDOW: u8 = 1 << 7;
}

impl ResultRecord {
    /// A result with a status, and nothing else known.
    pub fn new(id: u32, status: Status) -> Self {
        Self { id, status: status as u8, ..Self::zeroed() }
    }

    /// Sets the address that was probed.
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

    /// The address probed, if any.
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
