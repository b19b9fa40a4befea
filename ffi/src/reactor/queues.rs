//! The queues of checks that have an address to try: for a socket, for the rate limit, and for a local port.

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

/// The queues, and how long they have starved.
#[derive(Default)]
pub struct Queues {
    pub(super) socket: VecDeque<CheckKey>,
    /// Checks for whose next address a rate limit may hold, in a queue of their own so that they do not delay the
    /// others.
    rate: VecDeque<CheckKey>,
    port_waiters: PortWaiters,
    /// The start of starvation: the time since which the system has had no descriptor or memory for a check that waits,
    /// with no probe in flight whose end would free some.
    starved_since: Option<Instant>,
}

/// The state of the queues after a pass.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum QueueState {
    /// They are empty, or wait for a probe to end.
    Waits,
    /// More checks can start at once.
    Ready,
    /// They wait this long for an event outside the engine.
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
        // With a probe in flight, in front of the checks whose clocks stand still: else this one might time out in the
        // queue before its next address is tried.
        if check.probes().is_empty() { queue.push_back(key) } else { queue.push_front(key) }
    }

    /// Puts a check that could not start back to the front, with the address and the place that it had.
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

    /// Pops the first check: in odd and even turns from the one and the other queue, if it is not empty. While the rate
    /// limit allows no SYN, only from the queue for a socket.
    pub fn pop(&mut self, turn: usize, is_rate_open: bool) -> Option<CheckKey> {
        let Self { socket, rate, .. } = self;
        if !is_rate_open {
            return socket.pop_front();
        }
        let (queue, other) = if turn.is_multiple_of(2) { (rate, socket) } else { (socket, rate) };
        queue.pop_front().or_else(|| other.pop_front())
    }

    /// The state of the queues at the end of a pass. `pause` is how long the rate limit allows no SYN. Releases memory
    /// that a large batch has left.
    pub fn end_pass(&mut self, pause: Option<Duration>) -> QueueState {
        if !self.socket.is_empty() || (pause.is_none() && !self.rate.is_empty()) {
            return QueueState::Ready;
        }
        self.socket.shrink_to(KEPT_QUEUE_ENTRIES);
        if let Some(wait) = pause {
            return QueueState::Later(wait);
        }
        self.rate.shrink_to(KEPT_QUEUE_ENTRIES);
        self.starved_since = None;
        QueueState::Waits
    }

    /// Queues a check for a port to its next address; in front if it was woken before. The check of a name waits only
    /// if its other addresses have no port either.
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

    /// Wakes the first waiter for a port to an address: puts it in front of its queue.
    pub fn wake_port_waiter(&mut self, address: &SocketAddr, checks: &mut CheckTable, transport: &dyn Transport) {
        if !self.port_waiters.has(address) {
            return;
        }
        if let Some(key) = self.port_waiters.pop(address, |key| checks.contains(key)) {
            checks[key].place = Place::Woken;
            self.queue_of(address, transport).push_front(key);
        }
    }

    /// Records that a probe could start, or that its SYN was sent.
    pub fn end_starvation(&mut self) {
        self.starved_since = None;
    }

    /// Whether a check with this timeout may wait for descriptors or memory: while a probe of this engine is in flight,
    /// and else for at most the timeout.
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
        if transport.is_paced(address) { &mut self.rate } else { &mut self.socket }
    }
}
