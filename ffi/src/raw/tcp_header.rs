//! The TCP header of the raw engine's packets.

use std::net::{IpAddr, SocketAddr};

use super::checksum;
use super::ip_header::IpHeader;

/// The length of a TCP header without options.
pub const TCP_HEADER: usize = 20;

/// A segment without data and acknowledgment.
#[derive(Clone, Copy, Debug)]
pub struct TcpHeader<'a> {
    /// Of the same family as the target.
    pub source: IpAddr,
    pub source_port: u16,
    pub target: SocketAddr,
    pub sequence: u32,
    pub flags: u8,
    pub window: u16,
    /// A multiple of 4 bytes.
    pub options: &'a [u8],
}

impl TcpHeader<'_> {
    /// Writes a packet: the IP header, with a TOS byte or traffic class and random bits, and the segment. Returns the
    /// packet.
    pub fn write_packet<'a>(&self, room: &'a mut [u8], tos: u8, noise: u32) -> &'a [u8] {
        let Self { source, target, .. } = *self;
        let length = TCP_HEADER + self.options.len();
        let header = IpHeader { source, target: target.ip(), tos, noise }.write(room, length);
        self.write(&mut room[header..header + length]);
        &room[..header + length]
    }

    fn write(&self, segment: &mut [u8]) {
        const CHECKSUM_AT: usize = 16;
        let (header, options) = segment.split_at_mut(TCP_HEADER);
        header.fill(0);
        header[..2].copy_from_slice(&self.source_port.to_be_bytes());
        header[2..4].copy_from_slice(&self.target.port().to_be_bytes());
        header[4..8].copy_from_slice(&self.sequence.to_be_bytes());
        header[12] = ((TCP_HEADER + options.len()) as u8 / 4) << 4;
        header[13] = self.flags;
        header[14..16].copy_from_slice(&self.window.to_be_bytes());
        options.copy_from_slice(self.options);
        let pseudo_header = checksum::pseudo_header(self.source, self.target.ip(), segment.len());
        let checksum = !checksum::fold(pseudo_header + checksum::sum(segment));
        segment[CHECKSUM_AT..CHECKSUM_AT + 2].copy_from_slice(&checksum.to_be_bytes());
    }
}
