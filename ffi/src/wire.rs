//! Addresses as packets have them, whichever form they were given in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

/// An address as packets have it: an IPv4 address in IPv6's clothes is one of IPv4, that of nobody leads to this host, and
/// only a link-local one has a scope.
pub fn on_the_wire(address: &SocketAddr) -> SocketAddr {
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
