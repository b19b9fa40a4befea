//! The queues of checks that have an address to try: paced by the rate limit, unpaced, or waiting for a local port.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use super::port_waiters::PortWaiters;
use crate::instant::Instant;
use crate::keys::CheckKey;
use crate::reactor::checks::{CheckTable, Place};
use crate::transport::Transport;

/// The capacity that an empty queue keeps, in checks.
pub const KEPT_QUEUE_ENTRIES: usize = 1024;

/// The queues.
#[derive(Default)]
pub struct Queues {
    /// Checks whose next address is not subject to the rate limit ([`Transport::is_paced`]).
    pub(super) unpaced: VecDeque<CheckKey>,
    /// Checks whose next address may be subject to the rate limit, in a separate queue so that they do not delay the
    /// others.
    paced: VecDeque<CheckKey>,
    port_waiters: PortWaiters,
    /// The start of starvation: since then the system has had no descriptor or memory for a queued check, and no probe
    /// is in flight whose end would free some.
    starved_since: Option<Instant>,
}

/// The state of the queues after a pass.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum QueueState {
    /// The queues are empty, or wait for the end of a probe.
    Waits,
    /// More checks can start immediately.
    Ready,
    /// More checks can start after this time.
    Later(Duration),
}

impl Queues {
    /// Queues a check that is in no queue, if it has an address to try.
    pub fn push(&mut self, key: CheckKey, checks: &mut CheckTable, transport: &dyn Transport) {
        let check = &mut checks[key];
        if check.place != Place::Nowhere {
            return;
        }
        let Some(address) = check.next_address() else { return };
        check.place = Place::Queued;
        let queue = self.queue_of(&address, transport);
        // The clock of a check with a probe in flight runs. So the check goes in front of checks with stopped clocks:
        // else it might time out in the queue before its next address is tried.
        if check.probes().is_empty() { queue.push_back(key) } else { queue.push_front(key) }
    }

    /// Returns a check that could not start to the front of its queue, with its address and place.
    pub fn put_back(
        &mut self,
        key: CheckKey,
        (address, place): (SocketAddr, Place),
        checks: &mut CheckTable,
        transport: &dyn Transport,
    ) {
        let check = &mut checks[key];
        check.put_back(address);
        check.place = place;
        self.queue_of(&address, transport).push_front(key);
    }

    /// Pops the first check, alternately from the two queues. While the rate limit permits no SYN, only from the
    /// unpaced queue.
    pub fn pop(&mut self, turn: usize, is_rate_open: bool) -> Option<CheckKey> {
        let Self { unpaced, paced, .. } = self;
        if !is_rate_open {
            return unpaced.pop_front();
        }
        let (queue, other) = if turn.is_multiple_of(2) { (paced, unpaced) } else { (unpaced, paced) };
        queue.pop_front().or_else(|| other.pop_front())
    }

    /// The state of the queues at the end of a pass. `pause` is the time for which the rate limit permits no SYN.
    /// Releases the memory of a large batch.
    pub fn end_pass(&mut self, pause: Option<Duration>) -> QueueState {
        if !self.unpaced.is_empty() || (pause.is_none() && !self.paced.is_empty()) {
            return QueueState::Ready;
        }
        self.unpaced.shrink_to(KEPT_QUEUE_ENTRIES);
        if let Some(wait) = pause {
            return QueueState::Later(wait);
        }
        self.paced.shrink_to(KEPT_QUEUE_ENTRIES);
        self.starved_since = None;
        QueueState::Waits
    }

    /// Queues a check for a port to its next address; in front if it was woken before. A check of a name must have found
    /// no port to its other addresses either.
    pub fn wait_for_port(&mut self, key: CheckKey, address: SocketAddr, first: bool, checks: &mut CheckTable) {
        let check = &mut checks[key];
        check.put_back(address);
        check.place = Place::Queued;
        self.port_waiters.push(&address, key, first);
    }

    /// Whether a check waits for a port to an address.
    pub fn has_port_waiter(&self, address: &SocketAddr) -> bool {
        self.port_waiters.has(address)
    }

    /// Wakes the first waiter for a port to an address: moves it to the front of its queue.
    pub fn wake_port_waiter(&mut self, address: &SocketAddr, checks: &mut CheckTable, transport: &dyn Transport) {
        if !self.port_waiters.has(address) {
            return;
        }
        if let Some(key) = self.port_waiters.pop(address, |key| checks.contains(key)) {
            checks[key].place = Place::Woken;
            self.queue_of(address, transport).push_front(key);
        }
    }

    /// Records that a probe was started, or that a blocked SYN was sent.
    pub fn end_starvation(&mut self) {
        self.starved_since = None;
    }

    /// Whether a check with this timeout may wait for descriptors or memory: without limit while a probe of this engine
    /// is in flight, else for at most the timeout.
    pub fn may_starve(&mut self, timeout: Duration, has_probes: bool) -> bool {
        if has_probes {
            self.starved_since = None;
            return true;
        }
        let now = Instant::now();
        now.since(*self.starved_since.get_or_insert(now)) < timeout
    }

    /// The queue for checks with this next address.
    fn queue_of(&mut self, address: &SocketAddr, transport: &dyn Transport) -> &mut VecDeque<CheckKey> {
        if transport.is_paced(address) { &mut self.paced } else { &mut self.unpaced }
    }
}
