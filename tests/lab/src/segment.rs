//! Parser of the client's segments.

use std::net::{IpAddr, SocketAddr};

use etherparse::{NetSlice, SlicedPacket, TcpOptionElement, TcpSlice, TransportSlice};
use serde::Serialize;

/// The two ends of a handshake.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
pub struct Flow {
    pub client: SocketAddr,
    pub host: SocketAddr,
}

/// A TCP segment.
pub struct Segment<'a> {
    pub flow: Flow,
    pub tcp: TcpSlice<'a>,
    /// The whole packet.
    pub packet: &'a [u8],
    /// Whether the TCP checksum and, for IPv4, the header checksum are right.
    pub is_intact: bool,
}

/// The kind of a segment in a handshake.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Syn,
    SynAck,
    /// With or without ACK.
    Rst,
    Fin,
    /// A bare ACK, the last segment of a full handshake.
    Ack,
    Data,
    /// Other flags.
    Odd,
}

impl<'a> Segment<'a> {
    /// Parses a packet; `None` if it is not a TCP segment.
    pub fn read(packet: &'a [u8]) -> Option<Self> {
        let sliced = SlicedPacket::from_ip(packet).ok()?;
        let (Some(net), Some(TransportSlice::Tcp(tcp))) = (sliced.net, sliced.transport) else { return None };
        let (source, destination, is_intact): (IpAddr, IpAddr, bool) = match net {
            NetSlice::Ipv4(ip) => {
                let header = ip.header();
                let checksum = tcp.calc_checksum_ipv4(header.source(), header.destination());
                let is_intact = checksum.is_ok_and(|right| is_same(tcp.checksum(), right))
                    && is_same(header.header_checksum(), header.to_header().calc_header_checksum());
                (header.source_addr().into(), header.destination_addr().into(), is_intact)
            }
            NetSlice::Ipv6(ip) => {
                let header = ip.header();
                let checksum = tcp.calc_checksum_ipv6(header.source(), header.destination());
                let is_intact = checksum.is_ok_and(|right| is_same(tcp.checksum(), right));
                (header.source_addr().into(), header.destination_addr().into(), is_intact)
            }
            NetSlice::Arp(_) => return None,
        };
        let client = SocketAddr::new(source, tcp.source_port());
        let host = SocketAddr::new(destination, tcp.destination_port());
        Some(Self { flow: Flow { client, host }, tcp, packet, is_intact })
    }

    pub fn kind(&self) -> Kind {
        let tcp = &self.tcp;
        match (tcp.syn(), tcp.rst(), tcp.fin(), tcp.ack()) {
            (_, true, ..) => Kind::Rst,
            (true, _, _, false) => Kind::Syn,
            (true, _, _, true) => Kind::SynAck,
            (_, _, true, _) => Kind::Fin,
            _ if !tcp.payload().is_empty() => Kind::Data,
            (_, _, _, true) => Kind::Ack,
            _ => Kind::Odd,
        }
    }

    /// The clock of the sender, if it sends one (RFC 7323).
    pub fn timestamp(&self) -> Option<u32> {
        self.tcp.options_iterator().find_map(|option| match option {
            Ok(TcpOptionElement::Timestamp(value, _)) => Some(value),
            _ => None,
        })
    }

    /// The kinds of its options (IANA, TCP option kind numbers), without padding.
    pub fn options(&self) -> Vec<u8> {
        const END: u8 = 0;
        const NOOP: u8 = 1;
        let mut kinds = Vec::new();
        let mut rest = self.tcp.options();
        loop {
            match rest {
                [] | [END, ..] => return kinds,
                [NOOP, tail @ ..] => rest = tail,
                [kind, length, ..] if (2..=rest.len()).contains(&usize::from(*length)) => {
                    kinds.push(*kind);
                    rest = &rest[usize::from(*length)..];
                }
                // The options are truncated.
                [kind, ..] => {
                    kinds.push(*kind);
                    return kinds;
                }
            }
        }
    }
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Syn => "SYN",
            Self::SynAck => "SYN-ACK",
            Self::Rst => "RST",
            Self::Fin => "FIN",
            Self::Ack => "ACK",
            Self::Data => "DATA",
            Self::Odd => "ODD",
        }
    }
}

/// Whether two checksums are equal. Ones' complement has two zeroes.
fn is_same(a: u16, b: u16) -> bool {
    a == b || (a == 0 && b == u16::MAX) || (a == u16::MAX && b == 0)
}

#[cfg(test)]
mod tests {
    use etherparse::PacketBuilder;

    use super::*;

    fn syn() -> Vec<u8> {
        let builder = PacketBuilder::ipv4([192, 0, 2, 1], [198, 18, 0, 1], 64)
            .tcp(40_000, 80, 7, 1000)
            .syn()
            .options(&[
                TcpOptionElement::MaximumSegmentSize(1460),
                TcpOptionElement::Noop,
                TcpOptionElement::WindowScale(7),
                TcpOptionElement::Timestamp(123, 0),
            ])
            .unwrap();
        let mut packet = Vec::new();
        builder.write(&mut packet, &[]).unwrap();
        packet
    }

    #[test]
    fn a_syn_is_parsed() {
        let packet = syn();
        let segment = Segment::read(&packet).unwrap();
        assert_eq!(segment.kind(), Kind::Syn);
        assert_eq!(segment.flow.client.to_string(), "192.0.2.1:40000");
        assert_eq!(segment.flow.host.to_string(), "198.18.0.1:80");
        assert_eq!((segment.timestamp(), segment.options()), (Some(123), vec![2, 3, 8]));
        assert!(segment.is_intact);
    }

    #[test]
    fn a_flipped_bit_is_detected() {
        let packet = syn();
        for byte in [8, packet.len() - 1] {
            let mut flipped = packet.clone();
            flipped[byte] ^= 1;
            assert!(!Segment::read(&flipped).unwrap().is_intact, "byte {byte}");
        }
    }
}
