//! Two forms of a socket address: compact, for large tables, and canonical, as packets carry it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

/// Compact `SocketAddr`: 24 bytes instead of 32, without a flow label, which no caller sets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CompactAddr {
    V4 { ip: Ipv4Addr, port: u16 },
    V6 { ip: Ipv6Addr, scope: u32, port: u16 },
}

impl From<SocketAddr> for CompactAddr {
    fn from(address: SocketAddr) -> Self {
        match address {
            SocketAddr::V4(v4) => Self::V4 { ip: *v4.ip(), port: v4.port() },
            SocketAddr::V6(v6) => Self::V6 { ip: *v6.ip(), scope: v6.scope_id(), port: v6.port() },
        }
    }
}

impl From<CompactAddr> for SocketAddr {
    fn from(address: CompactAddr) -> Self {
        match address {
            CompactAddr::V4 { ip, port } => (ip, port).into(),
            CompactAddr::V6 { ip, scope, port } => SocketAddrV6::new(ip, port, 0, scope).into(),
        }
    }
}

/// Converts an IPv4-mapped IPv6 address ("::ffff:192.0.2.1") to IPv4, because an IPv6 socket that was connected to such
/// an address can't be recycled.
pub fn canonical(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        IpAddr::V4(ip) => SocketAddr::new(ip.into(), address.port()),
        IpAddr::V6(_) => address,
    }
}

/// The address as packets carry it: an IPv4-mapped IPv6 address becomes IPv4, the unspecified address becomes loopback
/// (as in connect()), and only a link-local address keeps its scope.
pub fn wire_address(address: &SocketAddr) -> SocketAddr {
    let port = address.port();
    match address.ip().to_canonical() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port),
        IpAddr::V4(v4) => SocketAddr::new(v4.into(), port),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => SocketAddr::new(Ipv6Addr::LOCALHOST.into(), port),
        IpAddr::V6(v6) => {
            let scope = match address {
                SocketAddr::V6(given) if v6.is_unicast_link_local() => given.scope_id(),
                _ => 0,
            };
            SocketAddrV6::new(v6, port, 0, scope).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compact_address_expands_to_the_same() {
        assert_eq!(size_of::<CompactAddr>(), 24);
        for text in ["192.0.2.1:80", "[2001:db8::1]:443", "[fe80::1%7]:65535", "[::ffff:192.0.2.1]:1"] {
            let address: SocketAddr = text.parse().unwrap();
            assert_eq!(SocketAddr::from(CompactAddr::from(address)), address);
        }
    }
}
