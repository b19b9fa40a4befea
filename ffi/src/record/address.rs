//! The record of an IP address that crosses the FFI boundary.

use std::net::{IpAddr, SocketAddr, SocketAddrV6};

use bytemuck::{Pod, Zeroable};
use rustix::io::Errno;

use crate::address::canonical;
use crate::sys;

/// An IP address with its zone. The zone is text, because only this library can look up the index of an interface.
#[derive(Clone, Copy, Debug, Eq, Pod, PartialEq, Zeroable)]
#[repr(C)]
pub struct AddressRecord {
    /// The address in network byte order. An IPv4 address takes the first four bytes.
    pub ip: [u8; 16],
    /// The zone of an IPv6 address, padded with zeroes: the name of an interface (`IFNAMSIZ`), or its index in decimal.
    pub zone: [u8; 15],
    /// The address family: 4 or 6.
    pub family: u8,
}

impl AddressRecord {
    /// Decodes the record, in canonical form: an IPv4-mapped IPv6 address becomes IPv4.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the family is neither 4 nor 6, `ENODEV` if no interface has the zone's name.
    pub fn decode(&self, port: u16) -> Result<SocketAddr, Errno> {
        let [a, b, c, d, ..] = self.ip;
        match self.family {
            4 => Ok(SocketAddr::new([a, b, c, d].into(), port)),
            6 => Ok(canonical(SocketAddrV6::new(self.ip.into(), port, 0, self.scope_id()?).into())),
            _ => Err(Errno::INVAL),
        }
    }

    /// Parses an address, with its zone if any, for callers in Rust. Returns `None` for a name.
    pub fn parse(text: &str) -> Option<Self> {
        let (ip, name) = text.split_once('%').unwrap_or((text, ""));
        let mut zone = [0; 15];
        zone.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
        match ip.parse().ok()? {
            IpAddr::V4(_) if text.contains('%') => None,
            IpAddr::V4(v4) => {
                let mut ip = [0; 16];
                ip[..4].copy_from_slice(&v4.octets());
                Some(Self { ip, zone, family: 4 })
            }
            IpAddr::V6(v6) => Some(Self { ip: v6.octets(), zone, family: 6 }),
        }
    }

    fn scope_id(&self) -> Result<u32, Errno> {
        let length = self.zone.iter().position(|byte| *byte == 0).unwrap_or(self.zone.len());
        match std::str::from_utf8(&self.zone[..length]) {
            Ok("") => Ok(0),
            Ok(zone) => zone.parse().or_else(|_| sys::interface_index(zone)),
            Err(_) => Err(Errno::NODEV),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &str) -> Option<Result<String, Errno>> {
        let record = AddressRecord::parse(text)?;
        Some(record.decode(80).map(|address| address.to_string()))
    }

    #[test]
    fn addresses_are_decoded_in_canonical_form() {
        for (text, address) in [
            ("192.0.2.1", "192.0.2.1:80"),
            ("2001:db8::1", "[2001:db8::1]:80"),
            ("::ffff:192.0.2.1", "192.0.2.1:80"),
            ("::ffff:192.0.2.1%7", "192.0.2.1:80"),
            ("fe80::1%7", "[fe80::1%7]:80"),
        ] {
            assert_eq!(decode(text), Some(Ok(address.into())), "{text}");
        }
    }

    #[test]
    fn names_are_not_addresses() {
        for name in ["localhost", "192.0.2", "192.0.2.256", "192.0.2.1%lo", "", "a%b"] {
            assert_eq!(decode(name), None, "{name}");
        }
    }

    #[test]
    fn an_unknown_family_is_invalid() {
        for family in [0, 5, 255] {
            let record = AddressRecord { family, ..AddressRecord::parse("192.0.2.1").unwrap() };
            assert_eq!(record.decode(80), Err(Errno::INVAL));
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "Miri has no sockets")]
    fn a_zone_is_an_interface() {
        assert_eq!(decode("fe80::1%lo"), Some(Ok("[fe80::1%1]:80".into())));
        assert_eq!(decode("fe80::1%nosuch0"), Some(Err(Errno::NODEV)));
        let record = AddressRecord { zone: [0xff; 15], ..AddressRecord::parse("fe80::1").unwrap() };
        assert_eq!(record.decode(80), Err(Errno::NODEV));
    }
}
