//! Parser of received TCP segments: a SYN-ACK, or the RST of a closed port.

/// A segment that may answer a SYN.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Segment {
    /// The source port, which is the target's port.
    pub port: u16,
    /// The destination port, which is the SYN's source port.
    pub source_port: u16,
    /// The acknowledgment number: in an answer, the SYN's sequence number plus one.
    pub acknowledges: u32,
    /// Whether the port is open.
    pub is_open: bool,
    /// The window in bytes, because the window of a SYN-ACK is not scaled.
    pub window: u16,
    pub options: Options,
}

/// The options of a SYN-ACK.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Options {
    pub mss: Option<u16>,
    pub window_scale: Option<u8>,
    pub sack: bool,
    /// The echoed timestamp (RFC 7323).
    pub echo: Option<u32>,
}

const HEADER: usize = 20;
/// The offset of the flags in a TCP header.
pub const FLAGS_AT: u32 = 13;
/// The offset of the destination port.
pub const PORT_AT: u32 = 2;
/// The mask of the flags RST, SYN and ACK.
pub const RELEVANT_FLAGS: u8 = 0x16;
/// The flags of a SYN-ACK.
pub const SYN_ACK: u8 = 0x12;
/// The flags of the RST of a closed port. A RST without ACK answers no SYN (RFC 9293, section 3.10.7.3).
pub const RST_ACK: u8 = 0x14;

impl Segment {
    /// Parses a TCP segment, which may be truncated.
    pub fn parse(segment: &[u8]) -> Option<Self> {
        let (header, rest) = segment.split_first_chunk::<HEADER>()?;
        let is_open = match header[FLAGS_AT as usize] & RELEVANT_FLAGS {
            SYN_ACK => true,
            RST_ACK => false,
            _ => return None,
        };
        let options = (usize::from(header[12] >> 4) * 4).checked_sub(HEADER)?;
        Some(Self {
            port: u16::from_be_bytes([header[0], header[1]]),
            source_port: u16::from_be_bytes([header[2], header[3]]),
            acknowledges: u32::from_be_bytes([header[8], header[9], header[10], header[11]]),
            is_open,
            window: u16::from_be_bytes([header[14], header[15]]),
            options: rest.get(..options).map(Options::parse).unwrap_or_default(),
        })
    }
}

impl Options {
    /// Parses options, up to the first malformed one.
    fn parse(mut options: &[u8]) -> Self {
        let mut read = Self::default();
        loop {
            match options {
                [1, rest @ ..] => {
                    options = rest;
                    continue;
                }
                [2, 4, high, low, ..] => read.mss = Some(u16::from_be_bytes([*high, *low])),
                [3, 3, shift, ..] => read.window_scale = Some(*shift),
                [4, 2, ..] => read.sack = true,
                [8, 10, _, _, _, _, a, b, c, d, ..] => read.echo = Some(u32::from_be_bytes([*a, *b, *c, *d])),
                _ => {}
            }
            match options {
                [kind, length, ..] if *kind > 0 && *length >= 2 => {
                    options = options.get(usize::from(*length)..).unwrap_or_default()
                }
                _ => return read,
            }
        }
    }
}

/// The quote of a SYN in an ICMP message, which has at least the first 8 bytes: the ports and the sequence number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Quote {
    pub source_port: u16,
    pub port: u16,
    pub sequence: u32,
}

impl Quote {
    pub fn parse(segment: &[u8]) -> Option<Self> {
        let [a, b, c, d, sequence @ ..] = *segment.first_chunk::<8>()?;
        Some(Self {
            source_port: u16::from_be_bytes([a, b]),
            port: u16::from_be_bytes([c, d]),
            sequence: u32::from_be_bytes(sequence),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn segment(flags: u8, options: &[u8]) -> Vec<u8> {
        let mut segment = vec![0, 80, 0x9c, 0x40, 9, 9, 9, 9, 1, 2, 3, 4, 0, flags, 0, 7, 0, 0, 0, 0];
        segment[12] = (5 + options.len() as u8 / 4) << 4;
        segment.extend_from_slice(options);
        segment
    }

    #[test]
    fn only_syn_ack_and_rst_ack_are_parsed() {
        let options = Options::default();
        let answer = |is_open| {
            Some(Segment { port: 80, source_port: 40_000, acknowledges: 0x0102_0304, is_open, window: 7, options })
        };
        for flags in 0..=u8::MAX {
            let expected = match (flags & 4 != 0, flags & 2 != 0, flags & 16 != 0) {
                (false, true, true) => answer(true),
                (true, false, true) => answer(false),
                _ => None,
            };
            assert_eq!(Segment::parse(&segment(flags, &[])), expected, "{flags:#x}");
        }
    }

    #[test]
    fn the_timestamp_is_found_at_any_offset() {
        let timestamps = [8, 10, 1, 1, 1, 1, 0xde, 0xad, 0xbe, 0xef];
        let places: [(&[u8], &[u8]); 4] =
            [(&[], &[0, 0]), (&[1, 1], &[]), (&[2, 4, 5, 180, 4, 2], &[]), (&[3, 3, 7, 1, 1, 1], &[])];
        for (before, after) in places {
            let answer = Segment::parse(&segment(SYN_ACK, &[before, &timestamps, after].concat())).unwrap();
            assert_eq!(answer.options.echo, Some(0xdead_beef), "after {before:?}");
        }
        // After the end of options, after a length of 0, or truncated.
        for options in [&[0, 0, 8, 10][..], &[9, 0, 8, 10], &[9, 1, 8, 10], &[8, 10, 1, 1]] {
            assert_eq!(Segment::parse(&segment(SYN_ACK, options)).unwrap().options.echo, None, "{options:?}");
        }
    }

    #[test]
    fn the_options_of_linux_are_parsed() {
        let options = [2, 4, 0x05, 0xb4, 4, 2, 8, 10, 1, 1, 1, 1, 2, 2, 2, 2, 1, 3, 3, 7];
        let expected = Options { mss: Some(1460), window_scale: Some(7), sack: true, echo: Some(0x0202_0202) };
        assert_eq!(Segment::parse(&segment(SYN_ACK, &options)).unwrap().options, expected);
    }

    proptest! {
        #[test]
        fn any_bytes_are_parsed_or_rejected(bytes in vec(any::<u8>(), 0..80)) {
            let answer = Segment::parse(&bytes);
            prop_assert!(bytes.len() >= HEADER || answer.is_none());
            prop_assert_eq!(Quote::parse(&bytes).is_some(), bytes.len() >= 8);
        }
    }
}
