//! The checksum of TCP over IP (RFC 1071, RFC 9293 section 3.1, RFC 8200 section 8.1).

use std::net::IpAddr;

/// Adds up bytes as big-endian 16-bit words. An odd last byte is the upper half of its word.
pub fn sum(bytes: &[u8]) -> u32 {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let last = rest.first().map_or(0, |byte| u32::from(*byte) << 8);
    pairs.iter().map(|pair| u32::from(u16::from_be_bytes(*pair))).sum::<u32>() + last
}

/// The sum of the pseudo-header of a TCP segment.
pub fn pseudo_header(source: IpAddr, destination: IpAddr, length: usize) -> u32 {
    let address = |address| match address {
        IpAddr::V4(v4) => sum(&v4.octets()),
        IpAddr::V6(v6) => sum(&v6.octets()),
    };
    // A segment is shorter than 64 KiB, so its length has no upper half.
    address(source) + address(destination) + libc::IPPROTO_TCP as u32 + length as u32
}

/// Folds a sum to 16 bits, in ones' complement.
pub fn fold(mut sum: u32) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

/// Whether the checksum of a received segment is right.
///
/// A segment from this host, or from a virtual machine on it, may have only the sum of its pseudo-header
/// (`CHECKSUM_PARTIAL`). It counts as intact, because it did not cross a wire.
pub fn is_intact(source: IpAddr, destination: IpAddr, segment: &[u8]) -> bool {
    let Some(checksum) = segment.get(16..18) else { return false };
    let pseudo_header = pseudo_header(source, destination, segment.len());
    fold(pseudo_header + sum(segment)) == 0xffff || checksum == fold(pseudo_header).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// The example of RFC 1071, section 3.
    #[test]
    fn the_sum_equals_the_example_of_the_rfc() {
        let bytes = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(sum(&bytes), 0x2ddf0);
        assert_eq!(fold(sum(&bytes)), 0xddf2);
        assert_eq!(sum(&[0x12]), 0x1200);
    }

    proptest! {
        #[test]
        fn a_changed_bit_is_detected(
            source in any::<u32>(), destination in any::<u32>(), mut segment in vec(any::<u8>(), 20..60), bit in 0..160usize,
        ) {
            let (source, destination) = (IpAddr::from(source.to_be_bytes()), IpAddr::from(destination.to_be_bytes()));
            segment[16..18].fill(0);
            let pseudo_header = pseudo_header(source, destination, segment.len());
            let checksum = !fold(pseudo_header + sum(&segment));
            segment[16..18].copy_from_slice(&checksum.to_be_bytes());
            prop_assert!(is_intact(source, destination, &segment));
            segment[bit / 8] ^= 1 << (bit % 8);
            let partial = segment[16..18] == fold(pseudo_header).to_be_bytes();
            prop_assert_eq!(is_intact(source, destination, &segment), partial);
            segment[16..18].copy_from_slice(&fold(pseudo_header).to_be_bytes());
            prop_assert!(is_intact(source, destination, &segment));
        }
    }
}
