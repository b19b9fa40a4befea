//! The RST packet of the raw engine, equal to the kernel's answer to a stray SYN-ACK.

use std::net::{IpAddr, SocketAddr};

use super::ip_header::IPV6_HEADER;
use super::tcp_header::{TCP_HEADER, TcpHeader};

/// A RST for a SYN-ACK (RFC 9293, section 3.10.7.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rst {
    /// The destination of the SYN-ACK.
    pub source: IpAddr,
    pub source_port: u16,
    /// The source of the SYN-ACK.
    pub target: SocketAddr,
    /// The acknowledgment number of the SYN-ACK.
    pub sequence: u32,
    /// The TOS byte, or traffic class.
    pub tos: u8,
}

/// The longest packet.
pub const MAX_PACKET: usize = IPV6_HEADER + TCP_HEADER;

impl Rst {
    /// Writes the packet, IP header included.
    pub fn write<'a>(&self, room: &'a mut [u8; MAX_PACKET]) -> &'a [u8] {
        const RST: u8 = 0x04;
        let Self { source, source_port, target, sequence, tos } = *self;
        TcpHeader { source, source_port, target, sequence, flags: RST, window: 0, options: &[] }
            .write_packet(room, tos, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::checksum;

    /// Compares with a RST of the kernel, from `tcpdump -x`.
    #[test]
    fn a_rst_equals_the_kernels() {
        for (source, target, header) in [("192.0.2.1", "198.51.100.2:80", 20), ("2001:db8::1", "[2001:db8::2]:80", 40)]
        {
            let (source, target): (IpAddr, SocketAddr) = (source.parse().unwrap(), target.parse().unwrap());
            let rst = Rst { source, source_port: 40_000, target, sequence: 0x0102_0304, tos: 0xb8 };
            let mut room = [0xff; MAX_PACKET];
            let packet = rst.write(&mut room);
            assert_eq!(packet.len(), header + TCP_HEADER);
            let segment = &packet[header..];
            assert_eq!(segment[..16], [0x9c, 0x40, 0, 80, 1, 2, 3, 4, 0, 0, 0, 0, 0x50, 0x04, 0, 0]);
            assert_eq!(segment[18..], [0, 0]);
            assert!(checksum::is_intact(source, target.ip(), segment));
        }
    }
}
