//! The sockets of an engine: opened, lent to probes, recycled, closed.

use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::io::{self, Errno};
use slotmap::SlotMap;

use crate::config::Config;
use crate::keys::{CheckKey, SocketKey};
use crate::poller::Poller;
use crate::record::Family;
use crate::sys;

/// A probe under way.
#[derive(Clone, Copy)]
pub struct Probe {
    pub check: CheckKey,
    pub address: SocketAddr,
}

struct Socket {
    fd: OwnedFd,
    family: Family,
    half_open: bool,
    probe: Option<Probe>,
}

/// The pool. The socket used last is lent first: its memory is the likeliest to be in a cache.
pub struct Sockets {
    all: SlotMap<SocketKey, Socket>,
    idle_v4: Idle,
    idle_v6: Idle,
    window: usize,
    config: Config,
    trimmed: Instant,
}

/// The sockets of one family that wait for a probe, as a stack.
#[derive(Default)]
struct Idle {
    stack: Vec<SocketKey>,
    /// How many at the bottom have not been needed since the last trim.
    unused: usize,
}

/// How long a socket may be idle before it is closed: between once and twice this.
const TRIM_INTERVAL: Duration = Duration::from_secs(1);

/// Why there is no socket now.
pub enum NoSocket {
    /// The window is full: one will be free when a probe ends.
    Window,
    /// The system has no more descriptors or memory for us, whatever the target.
    Exhausted(Errno),
    /// Our own probes have all the ports that lead to this target.
    NoPort,
    /// Something that waiting won't mend.
    Failed(Errno),
}

impl Sockets {
    pub fn new(window: usize, config: Config) -> Self {
        Self {
            all: SlotMap::with_key(),
            idle_v4: Idle::default(),
            idle_v6: Idle::default(),
            window,
            config,
            trimmed: Instant::now(),
        }
    }

    /// How many are in flight.
    pub fn in_flight(&self) -> usize {
        self.all.len() - self.idle()
    }

    fn idle(&self) -> usize {
        self.idle_v4.stack.len() + self.idle_v6.stack.len()
    }

    /// Lends a socket to a probe.
    pub fn lend(&mut self, poller: &Poller, probe: Probe, half_open: bool) -> Result<SocketKey, NoSocket> {
        let family = Family::of(&probe.address);
        if half_open && let Some(key) = self.idle_of(family).pop() {
            self.all[key].probe = Some(probe);
            return Ok(key);
        }
        if self.all.len() >= self.window && !self.give_up_idle(family) {
            return Err(NoSocket::Window);
        }
        self.lend_new(poller, probe, half_open)
    }

    /// Lends one that has not been used before, even where the window has no room: to take the place of another, which
    /// is closed in the next moment.
    pub fn lend_new(&mut self, poller: &Poller, probe: Probe, half_open: bool) -> Result<SocketKey, NoSocket> {
        let family = Family::of(&probe.address);
        let fd = match open(&self.config, family, half_open).map_err(NoSocket::of) {
            Err(NoSocket::Exhausted(_)) if self.give_up_idle(family) => {
                open(&self.config, family, half_open).map_err(NoSocket::of)?
            }
            fd => fd?,
        };
        self.insert(poller, Socket { fd, family, half_open, probe: Some(probe) })
    }

    /// Takes a half-open socket in that is not in the pool, whose probe somebody else has begun.
    pub fn adopt(&mut self, poller: &Poller, fd: OwnedFd, probe: Probe) -> Result<SocketKey, NoSocket> {
        self.insert(poller, Socket { fd, family: Family::of(&probe.address), half_open: true, probe: Some(probe) })
    }

    fn insert(&mut self, poller: &Poller, socket: Socket) -> Result<SocketKey, NoSocket> {
        let key = self.all.insert(socket);
        if let Err(errno) = poller.add(&self.all[key].fd, key.to_epoll()) {
            self.close(key);
            return Err(NoSocket::of(errno));
        }
        Ok(key)
    }

    /// Whether there is a probe of this very target.
    pub fn is_probing(&self, address: &SocketAddr) -> bool {
        self.all.values().any(|socket| socket.probe.is_some_and(|probe| probe.address == *address))
    }

    /// The descriptor of a socket in use.
    pub fn fd(&self, key: SocketKey) -> BorrowedFd<'_> {
        self.all[key].fd.as_fd()
    }

    /// The probe that has a socket; none when it is idle or was closed.
    pub fn probe(&self, key: SocketKey) -> Option<Probe> {
        self.all.get(key)?.probe
    }

    /// Ends a probe whose handshake ended, one way or the other. On an established connection this sends the RST (or,
    /// where the check asked for it, the FIN).
    pub fn release(&mut self, key: SocketKey) {
        let Some(socket) = self.all.get_mut(key) else { return };
        let reusable = socket.half_open && !socket.probe.take().is_some_and(|probe| binds(&probe.address));
        if reusable && sys::disconnect(socket.fd.as_fd()).is_ok() {
            let family = socket.family;
            self.idle_of(family).push(key);
        } else {
            self.close(key);
        }
    }

    /// Ends a probe whose SYN was not answered, or whose socket is not to be trusted. Nothing is sent: a socket in
    /// `SYN_SENT` is just forgotten. It isn't recycled, because disconnecting it leaves an error pending.
    pub fn close(&mut self, key: SocketKey) {
        self.all.remove(key);
    }

    /// Closes the sockets that were not needed for a while: after a burst the host program gets its descriptors back.
    pub fn trim(&mut self, now: Instant) {
        if now.duration_since(self.trimmed) < TRIM_INTERVAL {
            return;
        }
        self.trimmed = now;
        for idle in [&mut self.idle_v4, &mut self.idle_v6] {
            for key in idle.stack.drain(..idle.unused) {
                self.all.remove(key);
            }
            idle.unused = idle.stack.len();
        }
    }

    /// When to trim again, if there is anything to trim.
    pub fn trim_interval(&self) -> Option<Duration> {
        (self.idle() > 0).then_some(TRIM_INTERVAL)
    }

    /// Closes an idle socket, best of the other family, if there is one: where there is room for one more only.
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
    fn push(&mut self, key: SocketKey) {
        self.stack.push(key);
    }

    fn pop(&mut self) -> Option<SocketKey> {
        let key = self.stack.pop();
        self.unused = self.unused.min(self.stack.len());
        key
    }
}

impl NoSocket {
    fn of(errno: Errno) -> Self {
        match errno {
            Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM | Errno::NOSPC => Self::Exhausted(errno),
            _ => Self::Failed(errno),
        }
    }
}

/// Whether connecting to an address binds the socket to an interface, which disconnecting does not undo.
fn binds(address: &SocketAddr) -> bool {
    matches!(address, SocketAddr::V6(v6) if v6.scope_id() != 0)
}

/// Opens a socket that is in no epoll instance yet.
pub fn open(config: &Config, family: Family, half_open: bool) -> io::Result<OwnedFd> {
    let open = if half_open { sys::half_open_socket } else { sys::full_socket };
    let fd = open(family.into())?;
    config.apply(fd.as_fd(), family).map_err(|refusal| refusal.errno)?;
    Ok(fd)
}

// Miri has no sockets.
#[cfg(all(test, not(miri)))]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::poller::Events;

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

        fn lend(&mut self, family: Family, half_open: bool) -> Result<SocketKey, NoSocket> {
            let listener = if family == Family::V4 { &self.v4 } else { &self.v6 };
            let address = listener.local_addr().unwrap();
            let key = self.sockets.lend(&self.poller, Probe { check: CheckKey::default(), address }, half_open)?;
            sys::connect(self.sockets.fd(key), &address).unwrap();
            Ok(key)
        }

        fn lend_many(&mut self, count: usize) -> Vec<SocketKey> {
            (0..count).map(|_| self.lend(Family::V4, true).ok().unwrap()).collect()
        }

        fn use_and_release(&mut self, count: usize) -> Vec<SocketKey> {
            let keys = self.lend_many(count);
            for key in &keys {
                self.sockets.release(*key);
            }
            keys
        }

        /// Lets the pool see that one more interval has passed.
        fn trim(&mut self) {
            let now = self.sockets.trimmed + TRIM_INTERVAL;
            self.sockets.trim(now);
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
        pool.sockets.trim(pool.sockets.trimmed + TRIM_INTERVAL / 2);
        assert_eq!(pool.sockets.idle(), 4);
        pool.trim();
        assert_eq!((pool.sockets.idle(), pool.sockets.all.len()), (0, 0));
        assert_eq!(pool.sockets.trim_interval(), None);
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
        assert!(matches!(pool.lend(Family::V4, true), Err(NoSocket::Window)));
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
        assert_eq!((ready.len(), SocketKey::from_epoll(ready[0].key), ready[0].failed), (1, key, true));
        assert!(pool.sockets.probe(key).is_none());
        pool.sockets.close(key);
        assert!(pool.sockets.probe(key).is_none());
    }
}
