//! The socket pool of an engine: opens sockets, lends them to probes, recycles and closes them.

pub mod probe;
pub mod probe_socket;
mod renewals;
mod retries;
mod transport;

use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use rustix::io::Errno;
use slotmap::SlotMap;

use crate::address::wire_address;
use crate::config::Config;
use crate::instant::Instant;
use crate::keys::ProbeKey;
use crate::record::Family;
use crate::sockets::probe_socket::ProbeSocket;
use crate::sys::poller::Poller;
use crate::transport::{CompactProbe, NotStarted, Probe};
use retries::Retries;

/// A socket of the pool.
struct Entry {
    socket: ProbeSocket,
    family: Family,
    probe: Option<CompactProbe>,
    /// SYNs that earlier sockets have sent for its probe.
    resent: u16,
    /// Whether an ACK of an earlier socket of its probe may have left.
    acknowledged: bool,
}

/// The socket pool, last in first out, because the memory of the socket used last is the likeliest to be in a cache.
pub struct Sockets {
    all: SlotMap<ProbeKey, Entry>,
    idle_v4: Idle,
    idle_v6: Idle,
    window: usize,
    config: Config,
    retries: Option<Retries>,
    trimmed: Instant,
}

/// The idle sockets of one family: a stack.
#[derive(Default)]
struct Idle {
    stack: Vec<ProbeKey>,
    /// The number of sockets at the bottom that have not been used since the last trim.
    unused: usize,
    /// The number of those that have not been used since the trim before either, and will be closed.
    spare: usize,
}

/// How long a socket may be idle before it is closed: between once and twice this.
const TRIM_INTERVAL: Duration = Duration::from_secs(1);

/// The most sockets closed in one pass, which takes some ms.
const TRIMMED: usize = 512;

/// With how many checks pending an engine may spread the checks of one address over its threads: a quarter of the local
/// ports ([`crate::engine`]); none if their number is unknown.
pub fn spread_limit() -> usize {
    let ports = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let mut ends = ports.split_whitespace().map_while(|end| end.parse::<u16>().ok());
    let (Some(first), Some(last)) = (ends.next(), ends.next()) else { return 0 };
    (usize::from(last.saturating_sub(first)) + 1) / 4
}

impl Sockets {
    pub fn new(window: usize, config: Config) -> Self {
        Self {
            // Page by page, as they are used.
            all: SlotMap::with_capacity_and_key(window.min(10_000)),
            idle_v4: Idle::default(),
            idle_v6: Idle::default(),
            window,
            config,
            retries: config.syn_retries.map(Retries::new),
            trimmed: Instant::now(),
        }
    }

    fn idle(&self) -> usize {
        self.idle_v4.stack.len() + self.idle_v6.stack.len()
    }

    /// Lends a socket to a probe.
    fn lend(&mut self, poller: &Poller, probe: Probe, half_open: bool) -> Result<ProbeKey, NotStarted> {
        let family = Family::of(&probe.address);
        if half_open && let Some(key) = self.idle_of(family).pop() {
            let entry = &mut self.all[key];
            entry.probe = Some(probe.into());
            entry.resent = 0;
            entry.acknowledged = false;
            return Ok(key);
        }
        if self.all.len() >= self.window && !self.give_up_idle(family) {
            return Err(NotStarted::Window);
        }
        self.lend_new(poller, probe, half_open)
    }

    /// Lends a new socket even if the window is full: it may replace another one, which is closed right after.
    fn lend_new(&mut self, poller: &Poller, probe: Probe, half_open: bool) -> Result<ProbeKey, NotStarted> {
        let family = Family::of(&probe.address);
        let open = |sockets: &Self| ProbeSocket::open(&sockets.config, family, half_open).map_err(NotStarted::of);
        let socket = match open(self) {
            Err(NotStarted::Exhausted(_)) if self.give_up_idle(family) => open(self)?,
            socket => socket?,
        };
        self.insert(poller, socket, probe).map_err(|(_, errno)| NotStarted::of(errno))
    }

    fn insert(&mut self, poller: &Poller, socket: ProbeSocket, probe: Probe) -> Result<ProbeKey, (ProbeSocket, Errno)> {
        let (family, probe) = (Family::of(&probe.address), Some(probe.into()));
        let key = self.all.insert(Entry { socket, family, probe, resent: 0, acknowledged: false });
        match poller.add(self.fd(key), key.to_epoll()) {
            Ok(()) => Ok(key),
            Err(errno) => Err((self.all.remove(key).expect("it was put in just now").socket, errno)),
        }
    }

    /// Whether a probe of this target is in flight, in any form of its address.
    fn is_probing(&self, address: &SocketAddr) -> bool {
        let target = wire_address(address);
        let is_of_it = |probe: CompactProbe| wire_address(&Probe::from(probe).address) == target;
        self.all.values().any(|entry| entry.probe.is_some_and(is_of_it))
    }

    /// The descriptor of a socket in use.
    fn fd(&self, key: ProbeKey) -> BorrowedFd<'_> {
        self.all[key].socket.as_fd()
    }

    /// Ends a probe whose handshake ended, with a SYN-ACK or an error. On an established connection this sends the RST
    /// (or, where the check asked for it, the FIN).
    fn release(&mut self, key: ProbeKey) {
        let Some(entry) = self.all.get_mut(key) else { return };
        let was_bound = entry.probe.take().is_some_and(|probe| binds(&Probe::from(probe).address));
        if entry.socket.is_half_open() && !was_bound && entry.socket.disconnect().is_ok() {
            let family = entry.family;
            self.idle_of(family).push(key);
        } else {
            self.close(key);
        }
    }

    /// Ends a probe whose SYN was not answered, or whose socket can't be used again. If the SYN-ACK has come since,
    /// this sends the RST. A socket in `SYN_SENT` isn't recycled, because disconnecting it leaves an error pending.
    fn close(&mut self, key: ProbeKey) {
        self.all.remove(key);
    }

    /// Closes an idle socket, preferably of the other family, to make room for another. Returns whether there was one.
    fn give_up_idle(&mut self, family: Family) -> bool {
        let spare = match family {
            Family::V4 => self.idle_v6.pop().or_else(|| self.idle_v4.pop()),
            Family::V6 => self.idle_v4.pop().or_else(|| self.idle_v6.pop()),
        };
        let Some(spare) = spare else { return false };
        self.close(spare);
        true
    }

    fn idle_of(&mut self, family: Family) -> &mut Idle {
        match family {
            Family::V4 => &mut self.idle_v4,
            Family::V6 => &mut self.idle_v6,
        }
    }
}

impl Idle {
    fn push(&mut self, key: ProbeKey) {
        self.stack.push(key);
    }

    fn pop(&mut self) -> Option<ProbeKey> {
        let key = self.stack.pop();
        self.unused = self.unused.min(self.stack.len());
        self.spare = self.spare.min(self.stack.len());
        key
    }

    /// Starts another trim interval.
    fn age(&mut self) {
        self.spare = self.unused;
        self.unused = self.stack.len();
    }

    /// Removes and returns up to `most` of the sockets to close.
    fn take_spare(&mut self, most: usize) -> impl Iterator<Item = ProbeKey> {
        let count = self.spare.min(most);
        self.spare -= count;
        self.unused -= count;
        self.stack.drain(..count)
    }
}

/// Whether connecting to an address binds the socket to an interface, which disconnecting does not undo.
fn binds(address: &SocketAddr) -> bool {
    matches!(address, SocketAddr::V6(v6) if v6.scope_id() != 0)
}

// Miri has no sockets.
#[cfg(all(test, not(miri)))]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::keys::CheckKey;
    use crate::sys;
    use crate::sys::poller::Events;
    use crate::transport::Transport;

    /// A pool, and a port to connect to.
    struct Pool {
        sockets: Sockets,
        poller: Poller,
        v4: TcpListener,
        v6: TcpListener,
    }

    impl Pool {
        fn new(window: usize) -> Self {
            let (v4, v6) = (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("[::1]:0").unwrap());
            Self { sockets: Sockets::new(window, Config::default()), poller: Poller::new().unwrap().0, v4, v6 }
        }

        fn lend(&mut self, family: Family, half_open: bool) -> Result<ProbeKey, NotStarted> {
            let listener = if family == Family::V4 { &self.v4 } else { &self.v6 };
            let address = listener.local_addr().unwrap();
            let key = self.sockets.lend(&self.poller, Probe { check: CheckKey::default(), address }, half_open)?;
            sys::connect(self.sockets.fd(key), &address).unwrap();
            Ok(key)
        }

        fn lend_many(&mut self, count: usize) -> Vec<ProbeKey> {
            (0..count).map(|_| self.lend(Family::V4, true).ok().unwrap()).collect()
        }

        fn use_and_release(&mut self, count: usize) -> Vec<ProbeKey> {
            let keys = self.lend_many(count);
            for key in &keys {
                self.sockets.release(*key);
            }
            keys
        }

        /// Lets the pool see that one more interval has passed.
        fn trim(&mut self) {
            let now = self.sockets.trimmed + TRIM_INTERVAL;
            self.sockets.maintain(now);
        }
    }

    #[test]
    fn sockets_that_are_not_needed_are_closed_in_the_second_interval() {
        let mut pool = Pool::new(100);
        pool.use_and_release(10);
        pool.trim();
        assert_eq!(pool.sockets.idle(), 10);
        pool.use_and_release(4);
        pool.trim();
        assert_eq!(pool.sockets.idle(), 4);
        pool.sockets.maintain(pool.sockets.trimmed + TRIM_INTERVAL / 2);
        assert_eq!(pool.sockets.idle(), 4);
        pool.trim();
        assert_eq!((pool.sockets.idle(), pool.sockets.all.len()), (0, 0));
        assert_eq!(pool.sockets.maintenance(), None);
    }

    #[test]
    fn what_is_not_needed_is_closed_in_passes_but_for_what_is_needed_meanwhile() {
        let mut pool = Pool::new(2 * TRIMMED);
        pool.use_and_release(TRIMMED + 20);
        pool.trim();
        pool.trim();
        assert_eq!((pool.sockets.idle(), pool.sockets.maintenance()), (20, Some(Duration::ZERO)));
        pool.lend_many(15);
        pool.sockets.maintain(pool.sockets.trimmed);
        assert_eq!((pool.sockets.idle(), pool.sockets.in_flight(), pool.sockets.maintenance()), (0, 15, None));
    }

    #[test]
    fn trimming_closes_no_socket_in_use() {
        let mut pool = Pool::new(100);
        let kept = pool.use_and_release(3);
        pool.trim();
        let lent = pool.lend_many(2);
        pool.trim();
        pool.trim();
        assert_eq!(pool.sockets.in_flight(), 2);
        assert!(lent.iter().all(|key| kept.contains(key) && pool.sockets.probe(*key).is_some()));
        assert_eq!(pool.sockets.idle(), 0);
    }

    #[test]
    fn a_half_open_socket_is_used_again_and_a_full_one_is_not() {
        let mut pool = Pool::new(100);
        let [first] = pool.use_and_release(1)[..] else { unreachable!() };
        let full = pool.lend(Family::V4, false).ok().unwrap();
        assert_ne!(full, first);
        pool.sockets.release(full);
        assert_eq!(pool.lend_many(1), [first]);
        assert_eq!(pool.sockets.all.len(), 1);
    }

    #[test]
    fn a_full_window_has_room_while_a_socket_is_idle() {
        let mut pool = Pool::new(2);
        pool.use_and_release(2);
        for half_open in [true, false] {
            assert!(pool.lend(Family::V6, half_open).is_ok());
        }
        assert!(matches!(pool.lend(Family::V4, true), Err(NotStarted::Window)));
        assert_eq!((pool.sockets.in_flight(), pool.sockets.idle()), (2, 0));
    }

    #[test]
    fn an_idle_socket_has_no_probe_to_report_to() {
        let mut pool = Pool::new(2);
        let [key] = pool.use_and_release(1)[..] else { unreachable!() };
        let (poller, waker) = Poller::new().unwrap();
        let (poller, mut events) = (std::mem::replace(&mut pool.poller, poller), Events::new());
        poller.wait(&mut events, &waker, None, || false).unwrap();
        // The disconnection is an event of its own, which speaks of a failure.
        let ready: Vec<_> = events.ready().collect();
        assert_eq!((ready.len(), ProbeKey::from_epoll(ready[0].key), ready[0].failed), (1, key, true));
        assert!(pool.sockets.probe(key).is_none());
        pool.sockets.close(key);
        assert!(pool.sockets.probe(key).is_none());
    }
}
