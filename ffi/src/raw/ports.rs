//! The source ports of SYNs. Each is held by a bound socket that neither listens nor connects, so that no other socket
//! gets the port, and the kernel answers segments to it with a RST.

use std::os::fd::{AsFd, OwnedFd};

use rustix::io::{self, Errno};

use crate::sys;
use crate::transport::NotStarted;

/// The initial number of ports. It doubles whenever all are in use for one target.
const INITIAL_PORTS: usize = 8;
/// The maximum number of ports of an engine. Further checks of the same target wait for a port.
const MAX_PORTS: usize = 256;

/// The held ports.
pub struct Ports {
    held: Vec<Held>,
    limit: usize,
    /// The round-robin position. Round-robin maximizes the time between two uses of a port, so that a late answer to one
    /// probe rarely arrives during the next.
    turn: usize,
    /// Whether a socket can hold a port of both families.
    dual: bool,
}

struct Held {
    port: u16,
    _socket: OwnedFd,
}

impl Ports {
    /// Sets the limit: a quarter of `descriptors`, and one of `threads` equal shares of the ports.
    pub fn new(descriptors: usize, threads: usize, dual: bool) -> Self {
        Self { held: Vec::new(), limit: (descriptors / 4).clamp(1, MAX_PORTS / threads), turn: 0, dual }
    }

    /// Tries to hold a port, and releases it.
    pub fn try_out(&self) -> io::Result<()> {
        hold(self.dual).map(drop)
    }

    /// The maximum number of ports.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// The next port in turn for which `is_usable` is true, if any.
    pub fn next(&mut self, is_usable: impl Fn(u16) -> bool) -> Option<u16> {
        for _ in 0..self.held.len() {
            self.turn = (self.turn + 1) % self.held.len();
            let port = self.held[self.turn].port;
            if is_usable(port) {
                return Some(port);
            }
        }
        None
    }

    /// Holds more ports. If that fails, the error is `NoPort` if some ports are held, so that the check waits for the end
    /// of a probe.
    pub fn grow(&mut self) -> Result<(), NotStarted> {
        let before = self.held.len();
        let wanted = (2 * before).clamp(INITIAL_PORTS, MAX_PORTS).min(self.limit);
        while self.held.len() < wanted {
            match hold(self.dual) {
                Ok(held) => self.held.push(held),
                Err(_) if !self.held.is_empty() => break,
                // connect() also fails with this error if no port is free.
                Err(Errno::ADDRINUSE) => return Err(NotStarted::Failed(Errno::ADDRNOTAVAIL)),
                Err(errno) => return Err(NotStarted::of(errno)),
            }
        }
        if self.held.len() > before { Ok(()) } else { Err(NotStarted::NoPort) }
    }

    /// All held ports, sorted by insertion, because they are few, and a library sort would enlarge the library.
    pub fn sorted(&self) -> Vec<u16> {
        let mut ports = Vec::with_capacity(self.held.len());
        for Held { port, .. } in &self.held {
            ports.insert(ports.partition_point(|other| other < port), *port);
        }
        ports
    }

    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Releases the newest ports, until `count` are left.
    pub fn shrink_to(&mut self, count: usize) {
        self.held.truncate(count);
    }
}

/// Holds a port that the system chooses within `ip_local_port_range` and outside of `ip_local_reserved_ports`.
fn hold(dual: bool) -> io::Result<Held> {
    let socket = sys::port_holder(dual)?;
    Ok(Held { port: sys::local_address(socket.as_fd())?.port(), _socket: socket })
}

// Miri has no sockets.
#[cfg(all(test, not(miri)))]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn no_other_socket_gets_a_held_port() {
        for dual in [true, false] {
            let mut ports = Ports::new(4, 1, dual);
            ports.grow().unwrap();
            let port = ports.next(|_| true).unwrap();
            assert!(TcpListener::bind(("127.0.0.1", port)).is_err());
            assert_eq!(TcpListener::bind(("::1", port)).is_err(), dual);
            ports.shrink_to(0);
            assert_eq!(ports.next(|_| true), None);
            TcpListener::bind(("127.0.0.1", port)).unwrap();
        }
    }

    #[test]
    fn the_number_of_ports_doubles_up_to_the_limit() {
        let mut ports = Ports::new(80, 1, true);
        let counts: Vec<_> = std::iter::from_fn(|| ports.grow().ok().map(|()| ports.sorted().len())).collect();
        assert_eq!(counts, [8, 16, 20]);
        assert_eq!(ports.grow(), Err(NotStarted::NoPort));
        assert!(ports.sorted().is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn ports_are_used_in_round_robin() {
        let mut ports = Ports::new(16, 1, true);
        ports.grow().unwrap();
        let mut used: Vec<_> = (0..4).map(|_| ports.next(|_| true).unwrap()).collect();
        assert_eq!(ports.next(|_| true), Some(used[0]));
        assert_eq!(ports.next(|port| port == used[3]), Some(used[3]));
        assert_eq!(ports.next(|_| false), None);
        used.sort_unstable();
        assert_eq!(used, ports.sorted());
    }
}
