//! Names of hosts and interfaces, by the system's resolver and tables.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;

use dns_lookup::{AddrInfoHints, LookupError};
use rustix::io;
use rustix::net::{AddressFamily, SocketFlags, SocketType};

use super::faults::{self, Call};

/// Looks up the addresses of a name, of one family or of both. The inner error is getaddrinfo's. The outer one is
/// injected by tests.
pub fn getaddrinfo(
    host: &str,
    family: Option<AddressFamily>,
) -> io::Result<Result<impl Iterator<Item = SocketAddr>, LookupError>> {
    let hints = AddrInfoHints {
        socktype: libc::SOCK_STREAM,
        address: family.map_or(libc::AF_UNSPEC, |family| family.as_raw().into()),
        ..AddrInfoHints::default()
    };
    faults::pass(Call::GetAddrInfo)?;
    let found = dns_lookup::getaddrinfo(Some(host), None, Some(hints));
    Ok(found.map(|found| found.filter_map(Result::ok).map(|info| info.sockaddr)))
}

/// Fails if the process or the system has no free descriptor.
pub fn has_descriptors() -> io::Result<()> {
    open().map(drop)
}

/// The index of a network interface.
pub fn interface_index(name: &str) -> io::Result<u32> {
    faults::pass(Call::InterfaceIndex)?;
    rustix::net::netdevice::name_to_index(&open()?, name)
}

fn open() -> io::Result<OwnedFd> {
    rustix::net::socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None)
}
