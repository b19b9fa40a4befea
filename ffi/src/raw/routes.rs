//! Source address selection: the kernel's choice for each target, cached.

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

/// How many answers are remembered. Each has its place; another that belongs there takes it.
const PLACES: usize = 1024;

/// What may change the choice when it changes: links, addresses, routes and rules (`RTMGRP_*` of `linux/rtnetlink.h`).
const GROUPS: u32 = 0x1 | 0x10 | 0x40 | 0x80 | 0x100 | 0x400 | RULES_OF_IPV6 | NEXTHOPS;
/// `RTNLGRP_IPV6_RULE`, as a bit: it came too late for a name of the kind of the others.
const RULES_OF_IPV6: u32 = 1 << (19 - 1);
/// `RTNLGRP_NEXTHOP`: routes that name a nexthop's number are not told of again when it changes.
const NEXTHOPS: u32 = 1 << (32 - 1);

pub struct Routes {
    config: Config,
    /// Raw sockets, of which connecting sends nothing. (So it does of UDP's, which takes half as long again: they are put
    /// into a table, and out of it.)
    v4: OwnedFd,
    v6: Option<OwnedFd>,
    /// Tells of changes.
    news: OwnedFd,
    known: Vec<Option<(SocketAddr, IpAddr)>>,
    hasher: FxBuildHasher,
}

impl Routes {
    /// With whatever the configuration asks for, since rules may look at it.
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
            news: sys::routing_socket(GROUPS).map_err(ConfigError::of(Setting::Netlink))?,
            known: vec![None; PLACES],
            hasher: FxBuildHasher,
        })
    }

    /// What is readable when there are changes.
    pub fn news(&self) -> BorrowedFd<'_> {
        self.news.as_fd()
    }

    /// Takes the changes, and forgets what was known before them.
    pub fn forget(&mut self) {
        let mut room = [0; 4096];
        // More than there was room for are an error, and a change too.
        while !matches!(rustix::net::recv(&self.news, &mut room, RecvFlags::DONTWAIT), Err(Errno::AGAIN)) {}
        self.known.fill(None);
    }

    /// The address that packets to another go from, which is what they have on the wire. Fails as connect() does.
    pub fn source(&mut self, target: &SocketAddr) -> io::Result<IpAddr> {
        let mut key = *target;
        key.set_port(0);
        let place = self.hasher.hash_one(key) as usize % PLACES;
        if let Some((known, source)) = self.known[place]
            && known == key
        {
            return Ok(source);
        }
        let source = self.ask(target)?;
        self.known[place] = Some((key, source));
        Ok(source)
    }

    fn ask(&self, target: &SocketAddr) -> io::Result<IpAddr> {
        let family = Family::of(target);
        let socket = match family {
            Family::V4 => &self.v4,
            Family::V6 => self.v6.as_ref().ok_or(Errno::AFNOSUPPORT)?,
        };
        // For TCP there is no way to a group.
        if target.ip().is_multicast() {
            return Err(Errno::NETUNREACH);
        }
        // The disconnect before has undone that (`__udp_disconnect()`).
        self.config.bind_raw(socket.as_fd(), family).map_err(|error| error.errno)?;
        let source = source_towards(socket, *target);
        // Whatever has come of it: a source that is left would be the next one's.
        rustix::net::connect_unspec(socket)?;
        source
    }
}

/// The source that connecting gives a socket, which stays connected, or half so if it fails.
fn source_towards(socket: &OwnedFd, mut target: SocketAddr) -> io::Result<IpAddr> {
    // IPv6 takes it for the protocol.
    target.set_port(0);
    match sys::connect(socket.as_fd(), &target) {
        Err(Errno::ACCESS) if is_broadcast(socket, &target) => return Err(Errno::NETUNREACH),
        connected => connected?,
    }
    Ok(SocketAddr::try_from(rustix::net::getsockname(socket)?)?.ip())
}

/// Whether it is for want of an option that a socket may not send there.
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

    /// None without CAP_NET_RAW.
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
    fn this_host_is_reached_from_itself() {
        let Some(mut routes) = routes(&Config::default(), true) else { return };
        for (target, own) in [("127.0.0.2:80", "127.0.0.1"), ("[::1]:80", "::1")] {
            assert_eq!(source(&mut routes, target).map(|source| source.to_string()), Ok(own.into()));
        }
    }

    #[test]
    fn there_is_no_way_to_a_group_or_to_all() {
        let Some(mut routes) = routes(&Config::default(), true) else { return };
        for target in ["224.0.0.1:80", "[ff02::1]:80", "127.255.255.255:80", "255.255.255.255:80"] {
            assert_eq!(source(&mut routes, target), Err(Errno::NETUNREACH), "{target}");
        }
    }

    #[test]
    fn each_way_begins_where_the_configuration_says() {
        let config = Config { source: Some(([127, 0, 0, 9], 0).into()), ..Config::default() };
        let Some(mut routes) = routes(&config, false) else { return };
        for target in ["127.0.0.2:80", "127.0.0.3:80", "127.0.0.4:80"] {
            assert_eq!(source(&mut routes, target), Ok([127, 0, 0, 9].into()), "{target}");
        }
    }

    #[test]
    fn whatever_the_answer_nothing_is_left_of_the_question() {
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
    fn what_was_asked_is_known_until_there_are_changes() {
        let Some(mut routes) = routes(&Config::default(), true) else { return };
        let target = "127.0.0.2:80".parse().unwrap();
        let known = |routes: &Routes| routes.known.iter().flatten().count();
        routes.source(&target).unwrap();
        routes.source(&"127.0.0.2:81".parse().unwrap()).unwrap();
        assert_eq!(known(&routes), 1);
        routes.forget();
        assert_eq!(known(&routes), 0);
        assert!(routes.source(&target).unwrap().is_loopback());
    }

    #[test]
    fn without_ipv6_there_is_no_such_way() {
        let Some(mut routes) = routes(&Config::default(), false) else { return };
        assert_eq!(source(&mut routes, "[::1]:80"), Err(Errno::AFNOSUPPORT));
    }
}
