//! The IP header of the raw engine's packets.

use std::net::IpAddr;

pub const IPV4_HEADER: usize = 20;
pub const IPV6_HEADER: usize = 40;
const TCP: u8 = libc::IPPROTO_TCP as u8;
/// Linux's default TTL, or hop limit (`IPDEFTTL`).
const HOPS: u8 = 64;

/// The fields of an IP header that differ between packets.
#[derive(Clone, Copy, Debug)]
pub struct IpHeader {
    pub source: IpAddr,
    /// Of the same family as the source.
    pub target: IpAddr,
    /// The TOS byte, or traffic class.
    pub tos: u8,
    /// Random bits for the identification of IPv4, or the flow label of IPv6.
    pub noise: u32,
}

impl IpHeader {
    /// Writes the header of a packet with a segment of `segment` bytes. Returns the header's length.
    pub fn write(&self, room: &mut [u8], segment: usize) -> usize {
        match (self.source, self.target) {
            (IpAddr::V4(source), IpAddr::V4(target)) => {
                let length = (IPV4_HEADER + segment) as u8;
                let [id_high, id_low, ..] = self.noise.to_be_bytes();
                // Version and header length; the flag DF; the kernel sets the header checksum.
                room[..12].copy_from_slice(&[0x45, self.tos, 0, length, id_high, id_low, 0x40, 0, HOPS, TCP, 0, 0]);
                room[12..16].copy_from_slice(&source.octets());
                room[16..20].copy_from_slice(&target.octets());
                IPV4_HEADER
            }
            (source, target) => {
                // Version 6, the traffic class, and a flow label (RFC 6437).
                let first = 6 << 28 | u32::from(self.tos) << 20 | self.noise >> 12;
                room[..4].copy_from_slice(&first.to_be_bytes());
                room[4..8].copy_from_slice(&[0, segment as u8, TCP, HOPS]);
                room[8..24].copy_from_slice(&octets(source));
                room[24..40].copy_from_slice(&octets(target));
                IPV6_HEADER
            }
        }
    }
}

/// The 16 bytes of an IPv6 address.
pub fn octets(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
        IpAddr::V6(v6) => v6.octets(),
    }
}
