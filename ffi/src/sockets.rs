//! The sockets of an engine: opened, lent to probes, recycled, closed.

mod renewals;
mod retries;
mod transport;

use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::io;
use slotmap::SlotMap;

use crate::config::Config;
use crate::keys::ProbeKey;
use crate::moment::Moment;
use crate::poller::Poller;
use crate::record::Family;
use crate::sys;
use crate::transport::{CompactProbe, NotStarted, Probe};
use crate::wire::on_the_wire;
use retries::Retries;

struct Socket {
    fd: OwnedFd,
    family: Family,
    half_open: bool,
    probe: Option<CompactProbe>,
    /// SYNs that sockets before this one have sent for its probe.
    resent: u16,
}

/// The pool. The socket used last is lent first: its memory is the likeliest to be in a cache.
pub struct Sockets {
    all: SlotMap<ProbeKey, Socket>,
    idle_v4: Idle,
    idle_v6: Idle,
    window: usize,
    config: Config,
    retries: Option<Retries>,
    trimmed: Moment,
}

/// The sockets of one family that wait for a probe, as a stack.
#[derive(Default)]
struct Idle {
    stack: Vec<ProbeKey>,
    /// How many at the bottom have not been needed since the last trim.
    unused: usize,
    /// How many of those are to be closed, as they had not been needed since the one before either.
    spare: usize,
}

/// How long a socket may be idle before it is closed: between once and twice this.
const TRIM_INTERVAL: Duration = Duration::from_secs(1);

/// How many are closed in one pass, which takes some ms.
const TRIMMED: usize = 512;

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
            trimmed: Moment::now(),
        }
    }

    fn idle(&self) -> usize {
        self.idle_v4.stack.len() + self.idle_v6.stack.len()
    }

    /// Lends a socket to a probe.
    fn lend(&mut self, poller: &Poller, probe: Probe, half_open: bool) -> Result<ProbeKey, NotStarted> {
        let family = Family::of(&probe.address);
        if half_open && let Some(key) = self.idle_of(family).pop() {
            let socket = &mut self.all[key];
            socket.probe = Some(probe.into());
            socket.resent = 0;
            return Ok(key);
        }
        if self.all.len() >= self.window && !self.give_up_idle(family) {
            return Err(NotStarted::Window);
        }
        self.lend_new(poller, probe, half_open)
    }

    /// Lends one that has not been used before, even where the window has no room: to take the place of another, which
    /// is closed in the next moment.
    fn lend_new(&mut self, poller: &Poller, probe: Probe, half_open: bool) -> Result<ProbeKey, NotStarted> {
        let family = Family::of(&probe.address);
        let fd = match open(&self.config, family, half_open).map_err(NotStarted::of) {
            Err(NotStarted::Exhausted(_)) if self.give_up_idle(family) => {
                open(&self.config, family, half_open).map_err(NotStarted::of)?
            }
            fd => fd?,
        };
        self.insert(poller, Socket { fd, family, half_open, probe: Some(probe.into()), resent: 0 })
    }

    fn insert(&mut self, poller: &Poller, socket: Socket) -> Result<ProbeKey, NotStarted> {
        let key = self.all.insert(socket);
        if let Err(errno) = poller.add(&self.all[key].fd, key.to_epoll()) {
            self.close(key);
            return Err(NotStarted::of(errno));
        }
        Ok(key)
    }

    /// Whether there is a probe of this very target, in whichever form.
    fn is_probing(&self, address: &SocketAddr) -> bool {
        let target = on_the_wire(address);
        let is_of_it = |probe: CompactProbe| on_the_wire(&Probe::from(probe).address) == target;
        self.all.values().any(|socket| socket.probe.is_some_and(is_of_it))
    }

    /// The descriptor of a socket in use.
    fn fd(&self, key: ProbeKey) -> BorrowedFd<'_> {
        self.all[key].fd.as_fd()
    }

    /// Ends a probe whose handshake ended, one way or the other. On an established connection this sends the RST (or,
    /// where the check asked for it, the FIN).
    fn release(&mut self, key: ProbeKey) {
        let Some(socket) = self.all.get_mut(key) else { return };
        let reusable = socket.half_open && !socket.probe.take().is_some_and(|probe| binds(&Probe::from(probe).address));
        if reusable && sys::disconnect(socket.fd.as_fd()).is_ok() {
            let family = socket.family;
            self.idle_of(family).push(key);
        } else {
            self.close(key);
        }
    }

    /// Ends a probe whose SYN was not answered, or whose socket is not to be trusted. Nothing is sent: a socket in
    /// `SYN_SENT` is just forgotten. It isn't recycled, because disconnecting it leaves an error pending.
    fn close(&mut self, key: ProbeKey) {
        self.all.remove(key);
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
    fn push(&mut self, key: ProbeKey) {
        self.stack.push(key);
    }

    fn pop(&mut self) -> Option<ProbeKey> {
        let key = self.stack.pop();
        self.unused = self.unused.min(self.stack.len());
        self.spare = self.spare.min(self.stack.len());
        key
    }

    /// Says that another interval has passed.
    fn age(&mut self) {
        self.spare = self.unused;
        self.unused = self.stack.len();
    }

    /// Takes some of those out that are to be closed.
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

/// Opens a socket that is in no epoll instance yet.
pub fn open(config: &Config, family: Family, half_open: bool) -> io::Result<OwnedFd> {
    let open = if half_open { sys::half_open_socket } else { sys::full_socket };
    let fd = open(family.into())?;
    config.apply(fd.as_fd(), family).map_err(|refusal| refusal.errno)?;
    if let Some(retries) = config.syn_retries {
        // So that the kernel doesn't give up before us, whatever `tcp_syn_retries` says.
        sys::set_syn_count(fd.as_fd(), retries.max(1))?;
    }
    Ok(fd)
}

// Miri has no sockets.
#[cfg(all(test, not(miri)))]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::keys::CheckKey;
    use crate::poller::Events;
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
