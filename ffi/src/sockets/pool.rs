//! The socket pool of an engine: opens sockets, lends them to probes, recycles and closes them.

use std::net::SocketAddr;
use std::ops::{Index, IndexMut};
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::io;
use slotmap::SlotMap;

use super::idle::Idle;
use super::probe;
use super::probe_socket::ProbeSocket;
use crate::address::wire_address;
use crate::config::Config;
use crate::instant::Instant;
use crate::keys::ProbeKey;
use crate::record::Family;
use crate::sys::poller::Poller;
use crate::transport::{CompactProbe, Ended, NotStarted, Probe};

/// A socket of the pool, idle or lent to a probe.
pub(super) struct Entry {
    pub socket: ProbeSocket,
    family: Family,
    probe: Option<CompactProbe>,
    /// The number of SYNs that earlier sockets have sent for its probe.
    pub resent: u16,
    /// Whether an ACK of an earlier socket of its probe may have been sent.
    pub acknowledged: bool,
}

/// The sockets of an engine, at most as many as its window.
pub(super) struct Pool {
    all: SlotMap<ProbeKey, Entry>,
    idle_v4: Idle,
    idle_v6: Idle,
    window: usize,
    config: Config,
    trimmed: Instant,
}

/// The interval of trims. A socket is closed after one to two intervals without use.
const TRIM_INTERVAL: Duration = Duration::from_secs(1);

/// The maximum number of sockets closed in one pass, which takes a few ms.
const MAX_TRIMMED_PER_PASS: usize = 512;

impl Entry {
    /// The number of SYN retransmissions of its probe.
    pub fn retransmits(&self) -> u32 {
        u32::from(self.resent) + probe::retransmits(self.socket.as_fd())
    }
}

impl Pool {
    pub fn new(window: usize, config: Config) -> Self {
        Self {
            // The system maps the memory page by page, at the first access.
            all: SlotMap::with_capacity_and_key(window.min(10_000)),
            idle_v4: Idle::default(),
            idle_v6: Idle::default(),
            window,
            config,
            trimmed: Instant::now(),
        }
    }

    /// Lends a socket to a probe.
    pub fn lend(&mut self, poller: &Poller, probe: Probe, half_open: bool) -> Result<ProbeKey, NotStarted> {
        let family = Family::of(&probe.address);
        if half_open && let Some(key) = self.idle_of(family).pop() {
            let entry = &mut self.all[key];
            entry.probe = Some(probe.into());
            entry.resent = 0;
            entry.acknowledged = false;
            return Ok(key);
        }
        if self.all.len() >= self.window && !self.close_idle(family) {
            return Err(NotStarted::Window);
        }
        self.lend_new(poller, probe, half_open)
    }

    /// Lends a new socket even if the window is full, because it may replace a socket that is then closed.
    pub fn lend_new(&mut self, poller: &Poller, probe: Probe, half_open: bool) -> Result<ProbeKey, NotStarted> {
        let family = Family::of(&probe.address);
        let open = |pool: &Self| ProbeSocket::open(&pool.config, family, half_open).map_err(NotStarted::of);
        let socket = match open(self) {
            Err(NotStarted::Exhausted(_)) if self.close_idle(family) => open(self)?,
            socket => socket?,
        };
        let probe = Some(probe.into());
        let key = self.all.insert(Entry { socket, family, probe, resent: 0, acknowledged: false });
        match poller.add(self.all[key].socket.as_fd(), key.to_epoll()) {
            Ok(()) => Ok(key),
            Err(errno) => {
                self.close(key);
                Err(NotStarted::of(errno))
            }
        }
    }

    /// Connects a lent socket to an address, which sends the SYN. Closes the socket if that fails.
    pub fn connect(&mut self, key: ProbeKey, address: &SocketAddr) -> io::Result<()> {
        self.all[key].socket.connect(address).inspect_err(|_| self.close(key))
    }

    /// The number of lent sockets.
    pub fn lent(&self) -> usize {
        self.all.len() - self.idle()
    }

    fn idle(&self) -> usize {
        self.idle_v4.len() + self.idle_v6.len()
    }

    /// The probe to which a socket is lent; `None` if the socket is idle or closed.
    pub fn probe(&self, key: ProbeKey) -> Option<Probe> {
        self.all.get(key)?.probe.map(Probe::from)
    }

    /// Whether a probe of this target is in flight, in any form of its address.
    pub fn is_probing(&self, address: &SocketAddr) -> bool {
        let target = wire_address(address);
        let is_of_it = |probe: CompactProbe| wire_address(&Probe::from(probe).address) == target;
        self.all.values().any(|entry| entry.probe.is_some_and(is_of_it))
    }

    /// Ends a probe whose handshake ended with a SYN-ACK or an error. On an established connection this sends the RST, or
    /// the FIN of a full handshake.
    pub fn release(&mut self, key: ProbeKey) {
        let Some(entry) = self.all.get_mut(key) else { return };
        let was_bound = entry.probe.take().is_some_and(|probe| binds(&Probe::from(probe).address));
        if entry.socket.is_half_open() && !was_bound && entry.socket.disconnect().is_ok() {
            let family = entry.family;
            self.idle_of(family).push(key);
        } else {
            self.close(key);
        }
    }

    /// Ends a probe whose SYN was not answered, or whose socket can't be recycled. If the SYN-ACK has arrived meanwhile,
    /// this sends the RST. A socket in `SYN_SENT` isn't recycled, because its disconnect leaves an error pending.
    pub fn close(&mut self, key: ProbeKey) {
        self.all.remove(key);
    }

    /// Does the same as [`Self::close`], and returns how the probe ended.
    pub fn abort(&mut self, key: ProbeKey) -> Ended {
        let Some(Entry { socket, resent, acknowledged, .. }) = self.all.remove(key) else {
            return Ended { at: Instant::now(), acknowledged: false, retransmits: 0 };
        };
        let Ended { at, acknowledged: last, retransmits } = probe::abort(socket);
        Ended { at, acknowledged: acknowledged || last, retransmits: u32::from(resent) + retransmits }
    }

    /// Closes sockets that were idle for a while, which frees descriptors for the host program after a burst.
    pub fn trim(&mut self, now: Instant) {
        if now.since(self.trimmed) >= TRIM_INTERVAL {
            self.trimmed = now;
            self.idle_v4.age();
            self.idle_v6.age();
        }
        let Self { all, idle_v4, idle_v6, .. } = self;
        for key in idle_v4.take_spare(MAX_TRIMMED_PER_PASS).chain(idle_v6.take_spare(MAX_TRIMMED_PER_PASS)) {
            all.remove(key);
        }
    }

    /// The time until the next trim, if a socket is idle.
    pub fn next_trim(&self) -> Option<Duration> {
        if self.idle_v4.has_spare() || self.idle_v6.has_spare() {
            return Some(Duration::ZERO);
        }
        (self.idle() > 0).then_some(TRIM_INTERVAL)
    }

    /// Closes an idle socket, preferably of the other family, to make room for a new one. Returns whether there was one.
    fn close_idle(&mut self, family: Family) -> bool {
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

impl Index<ProbeKey> for Pool {
    type Output = Entry;

    fn index(&self, key: ProbeKey) -> &Entry {
        &self.all[key]
    }
}

impl IndexMut<ProbeKey> for Pool {
    fn index_mut(&mut self, key: ProbeKey) -> &mut Entry {
        &mut self.all[key]
    }
}

/// Whether connect() to an address binds the socket to an interface, which a disconnect does not undo.
fn binds(address: &SocketAddr) -> bool {
    matches!(address, SocketAddr::V6(v6) if v6.scope_id() != 0)
}

// Miri has no sockets.
#[cfg(all(test, not(miri)))]
mod tests;
