//! Source addresses: a cache of the kernel's choice for each target.

use std::hash::BuildHasher;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustc_hash::FxBuildHasher;
use rustix::io::{self, Errno};
use rustix::net::{RecvFlags, ipproto, sockopt};

use crate::config::{Config, ConfigError};
use crate::record::Family;
use crate::status::Setting;
use crate::sys;

/// The number of slots. The cache is direct-mapped: a target has one slot, and replaces the previous one there.
const CACHE_SLOTS: usize = 1024;

/// The netlink groups of all inputs of the choice: links, addresses, routes and rules (`RTMGRP_*` of
/// `linux/rtnetlink.h`).
const GROUPS: u32 = 0x1 | 0x10 | 0x40 | 0x80 | 0x100 | 0x400 | RULES_OF_IPV6 | NEXTHOPS;
/// `RTNLGRP_IPV6_RULE`, as a bit: newer groups have no `RTMGRP_*` constant.
const RULES_OF_IPV6: u32 = 1 << (19 - 1);
/// `RTNLGRP_NEXTHOP`, because the routes that use a changed nexthop object are not reported as changed.
const NEXTHOPS: u32 = 1 << (32 - 1);

/// Whether packets leave this host. For a target on this host, the kernel chooses the target itself as the source
/// address, unless the target is a loopback address.
pub fn leave_this_host(source: IpAddr, target: IpAddr) -> bool {
    source != target && !target.is_loopback()
}

/// The cache of source addresses, and the sockets that query the kernel.
pub struct Routes {
    config: Config,
    /// Raw sockets, because their connect() sends nothing. (The connect() of UDP sockets takes half as long again, because
    /// the kernel keeps these sockets in a hash table.)
    v4: OwnedFd,
    v6: Option<OwnedFd>,
    /// The netlink socket that receives notifications of changes.
    notifications: OwnedFd,
    cache: Vec<Option<(SocketAddr, IpAddr)>>,
    hasher: FxBuildHasher,
}

impl Routes {
    /// Opens the sockets, with all options of the configuration, because routing rules may match them.
    pub fn new(config: &Config, with_v6: bool) -> Result<Self, ConfigError> {
        let open = |family: Family| {
            let socket = sys::raw_socket(family.into(), ipproto::RAW).map_err(ConfigError::of(Setting::RawSocket))?;
            config.apply_to_raw(socket.as_fd(), family)?;
            Ok::<_, ConfigError>(socket)
        };
        Ok(Self {
            config: *config,
            v4: open(Family::V4)?,
            v6: if with_v6 { Some(open(Family::V6)?) } else { None },
            notifications: sys::routing_socket(GROUPS).map_err(ConfigError::of(Setting::Netlink))?,
            cache: vec![None; CACHE_SLOTS],
            hasher: FxBuildHasher,
        })
    }

    /// The netlink socket, which is readable after a change.
    pub fn notifications(&self) -> BorrowedFd<'_> {
        self.notifications.as_fd()
    }

    /// Reads the notifications, and empties the cache.
    pub fn empty_cache(&mut self) {
        let mut buffer = [0; 4096];
        // After dropped notifications recv() fails with ENOBUFS, and more may follow.
        while !matches!(rustix::net::recv(&self.notifications, &mut buffer, RecvFlags::DONTWAIT), Err(Errno::AGAIN)) {}
        self.cache.fill(None);
    }

    /// The source address of packets to a target. Fails with the errors of connect().
    pub fn source(&mut self, target: &SocketAddr) -> io::Result<IpAddr> {
        let mut key = *target;
        key.set_port(0);
        let slot = self.hasher.hash_one(key) as usize % CACHE_SLOTS;
        if let Some((known, source)) = self.cache[slot]
            && known == key
        {
            return Ok(source);
        }
        let source = self.ask_kernel(target)?;
        self.cache[slot] = Some((key, source));
        Ok(source)
    }

    fn ask_kernel(&self, target: &SocketAddr) -> io::Result<IpAddr> {
        let family = Family::of(target);
        let socket = match family {
            Family::V4 => &self.v4,
            Family::V6 => self.v6.as_ref().ok_or(Errno::AFNOSUPPORT)?,
        };
        // The kernel would choose a source for a multicast group, but TCP can't connect to one.
        if target.ip().is_multicast() {
            return Err(Errno::NETUNREACH);
        }
        // The last disconnect has undone the binding (`__udp_disconnect()`).
        self.config.bind_raw(socket.as_fd(), family).map_err(|error| error.errno)?;
        let source = source_towards(socket, *target);
        // Disconnect after an error too, because the socket's source address would apply to the next target.
        rustix::net::connect_unspec(socket)?;
        source
    }
}

/// Connects a socket, and returns the source address that the kernel chose. Leaves the socket connected.
fn source_towards(socket: &OwnedFd, mut target: SocketAddr) -> io::Result<IpAddr> {
    // On an IPv6 raw socket the port is the protocol.
    target.set_port(0);
    match sys::connect(socket.as_fd(), &target) {
        Err(Errno::ACCESS) if is_broadcast(socket, &target) => return Err(Errno::NETUNREACH),
        connected => connected?,
    }
    Ok(SocketAddr::try_from(rustix::net::getsockname(socket)?)?.ip())
}

/// Whether a target is a broadcast address, to which connect() succeeds only with `SO_BROADCAST`.
fn is_broadcast(socket: &OwnedFd, target: &SocketAddr) -> bool {
    let connects_with = |allowed| {
        sockopt::set_socket_broadcast(socket, allowed).is_ok() && rustix::net::connect(socket, target).is_ok()
    };
    let is_broadcast = connects_with(true);
    let _ = sockopt::set_socket_broadcast(socket, false);
    is_broadcast
}

// Miri has no sockets.
#[cfg(all(test, not(miri)))]
mod tests {
    use super::*;

    /// Opens routes; `None` without CAP_NET_RAW.
    fn routes(config: &Config, with_v6: bool) -> Option<Routes> {
        match Routes::new(config, with_v6) {
            Err(ConfigError { errno: Errno::PERM, .. }) => {
                println!("skipped, raw sockets take CAP_NET_RAW");
                None
            }
            opened => Some(opened.unwrap()),
        }
    }

    fn source(routes: &mut Routes, target: &str) -> io::Result<IpAddr> {
        routes.source(&target.parse().unwrap())
    }

    #[test]
    fn the_source_towards_this_host_is_the_target() {
        let Some(mut routes) = routes(&Config::default(), true) else { return };
        for (target, own) in [("127.0.0.2:80", "127.0.0.1"), ("[::1]:80", "::1")] {
            assert_eq!(source(&mut routes, target).map(|source| source.to_string()), Ok(own.into()));
        }
    }

    #[test]
    fn multicast_and_broadcast_are_unreachable() {
        let Some(mut routes) = routes(&Config::default(), true) else { return };
        for target in ["224.0.0.1:80", "[ff02::1]:80", "127.255.255.255:80", "255.255.255.255:80"] {
            assert_eq!(source(&mut routes, target), Err(Errno::NETUNREACH), "{target}");
        }
    }

    #[test]
    fn the_source_is_the_configured_one() {
        let config = Config { source: Some(([127, 0, 0, 9], 0).into()), ..Config::default() };
        let Some(mut routes) = routes(&config, false) else { return };
        for target in ["127.0.0.2:80", "127.0.0.3:80", "127.0.0.4:80"] {
            assert_eq!(source(&mut routes, target), Ok([127, 0, 0, 9].into()), "{target}");
        }
    }

    #[test]
    fn the_socket_is_disconnected_after_any_answer() {
        let Some(mut routes) = routes(&Config::default(), true) else { return };
        for target in ["127.0.0.2:80", "127.255.255.255:80", "[::1]:80"] {
            let _ = source(&mut routes, target);
            for socket in [Some(&routes.v4), routes.v6.as_ref()].into_iter().flatten() {
                let own = SocketAddr::try_from(rustix::net::getsockname(socket).unwrap()).unwrap();
                assert!(own.ip().is_unspecified(), "{own} after {target}");
            }
        }
    }

    #[test]
    fn answers_are_cached_until_something_changes() {
        let Some(mut routes) = routes(&Config::default(), true) else { return };
        let target = "127.0.0.2:80".parse().unwrap();
        let cached = |routes: &Routes| routes.cache.iter().flatten().count();
        routes.source(&target).unwrap();
        routes.source(&"127.0.0.2:81".parse().unwrap()).unwrap();
        assert_eq!(cached(&routes), 1);
        routes.empty_cache();
        assert_eq!(cached(&routes), 0);
        assert!(routes.source(&target).unwrap().is_loopback());
    }

    #[test]
    fn without_ipv6_its_targets_are_unsupported() {
        let Some(mut routes) = routes(&Config::default(), false) else { return };
        assert_eq!(source(&mut routes, "[::1]:80"), Err(Errno::AFNOSUPPORT));
    }
}
