//! The SYN packet of the raw engine, equal to Linux's own SYNs, because middleboxes may treat others differently.

use std::net::{IpAddr, SocketAddr};

use super::ip_header::{IPV4_HEADER, IPV6_HEADER};
use super::tcp_header::{TCP_HEADER, TcpHeader};

/// The fields that differ between SYNs.
#[derive(Clone, Copy, Debug)]
pub struct Syn {
    /// Of the same family as the target.
    pub source: IpAddr,
    pub source_port: u16,
    pub target: SocketAddr,
    pub sequence: u32,
    /// The value of the timestamps option (RFC 7323), which the answer echoes.
    pub timestamp: u32,
    /// The TOS byte, or traffic class.
    pub tos: u8,
    /// Random bits for the IP identification or flow label.
    pub noise: u32,
}

/// The longest packet: an IPv6 header, and a TCP header with options.
pub const MAX_PACKET: usize = IPV6_HEADER + TCP_HEADER + OPTIONS;

const OPTIONS: usize = 20;
/// The MTU of Ethernet. The route's MTU may be smaller, but the peer sends only a SYN-ACK, which is short.
const FRAME: u16 = 1500;

/// The MSS that a SYN announces, by address family.
pub fn mss(of: IpAddr) -> u16 {
    let ip_header = if of.is_ipv4() { IPV4_HEADER } else { IPV6_HEADER };
    FRAME - (ip_header + TCP_HEADER) as u16
}

impl Syn {
    /// Writes the packet, IP header included.
    pub fn write<'a>(&self, room: &'a mut [u8; MAX_PACKET]) -> &'a [u8] {
        const SYN: u8 = 0x02;
        let Self { source, source_port, target, sequence, timestamp, tos, noise } = *self;
        let mss = mss(source);
        // Linux's initial window: the largest multiple of the MSS below 64 KiB.
        let window = u16::MAX / mss * mss;
        let options = options(mss, timestamp);
        TcpHeader { source, source_port, target, sequence, flags: SYN, window, options: &options }
            .write_packet(room, tos, noise)
    }
}

/// Linux's options in their order: MSS; SACK permitted, timestamps; no operation, window scale.
fn options(mss: u16, timestamp: u32) -> [u8; OPTIONS] {
    let mut options = [0; OPTIONS];
    options[..2].copy_from_slice(&[2, 4]);
    options[2..4].copy_from_slice(&mss.to_be_bytes());
    options[4..8].copy_from_slice(&[4, 2, 8, 10]);
    options[8..12].copy_from_slice(&timestamp.to_be_bytes());
    options[16..].copy_from_slice(&[1, 3, 3, 7]);
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::checksum;
    use crate::raw::ip_header::octets;

    fn syn(source: &str, target: &str) -> Syn {
        Syn {
            source: source.parse().unwrap(),
            source_port: 40_000,
            target: target.parse().unwrap(),
            sequence: 0x0102_0304,
            timestamp: 0x0506_0708,
            tos: 0xb8,
            noise: 0x0a0b_0c0d,
        }
    }

    /// Compares with a SYN of Linux, from `tcpdump -x`, with the test's addresses and numbers.
    #[test]
    fn an_ipv4_syn_equals_linuxs() {
        let mut room = [0xff; MAX_PACKET];
        let packet = syn("192.0.2.1", "198.51.100.2:80").write(&mut room);
        let header = [0x45, 0xb8, 0, 60, 0x0a, 0x0b, 0x40, 0, 64, 6, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2];
        assert_eq!(packet[..20], header);
        let ports_to_window = [0x9c, 0x40, 0, 80, 1, 2, 3, 4, 0, 0, 0, 0, 0xa0, 0x02, 0xfa, 0xf0];
        assert_eq!(packet[20..36], ports_to_window);
        let options = [2, 4, 0x05, 0xb4, 4, 2, 8, 10, 5, 6, 7, 8, 0, 0, 0, 0, 1, 3, 3, 7];
        assert_eq!((&packet[38..40], &packet[40..]), (&[0, 0][..], &options[..]));
        assert_eq!(
            checksum::fold(
                checksum::pseudo_header([192, 0, 2, 1].into(), [198, 51, 100, 2].into(), 40)
                    + checksum::sum(&packet[20..])
            ),
            0xffff
        );
    }

    #[test]
    fn an_ipv6_syn_equals_linuxs() {
        let mut room = [0xff; MAX_PACKET];
        let syn = syn("2001:db8::1", "[2001:db8::2]:80");
        let packet = syn.write(&mut room);
        assert_eq!(packet[..8], [0x6b, 0x80, 0xa0, 0xb0, 0, 40, 6, 64]);
        assert_eq!(
            (packet[8..24].to_vec(), packet[24..40].to_vec()),
            (octets(syn.source).to_vec(), octets(syn.target.ip()).to_vec())
        );
        // 45 segments of 1440 bytes.
        assert_eq!((&packet[54..56], &packet[62..64]), (&64_800u16.to_be_bytes()[..], &1440u16.to_be_bytes()[..]));
        assert!(checksum::is_intact(syn.source, syn.target.ip(), &packet[40..]));
    }
}
