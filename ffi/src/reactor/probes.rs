//! The queues for sockets and for the rate limit, and the start of probes.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use super::Reactor;
use rustix::io::Errno;

use crate::instant::Instant;
use crate::keys::{CheckKey, ProbeKey};
use crate::reactor::checks::{HandshakeKind, Place};
use crate::status::Status;
use crate::transport::{NotStarted, Probe, Verdict};

/// The least number of handshakes that one pass may start. Fewer would be inefficient, because each pass ends with an
/// `epoll_wait()`, and each delivery of results wakes two threads.
const MIN_STARTS_PER_PASS: usize = 64;

/// The most handshakes that one pass may start: their SYN-ACKs are read some ms later.
const MAX_STARTS_PER_PASS: usize = 256;

/// One pass may start one in this many of the pending checks. So results of some arrive while others start, and the
/// engine thread and JavaScript's work at the same time.
const CHECKS_PER_START: usize = 4;

/// The longest time that a pass spends on starting handshakes, renewing sockets or cancelling. It is enough for
/// [`MAX_STARTS_PER_PASS`], unless most local ports lead to the target already: then the kernel searches hundreds of us
/// for each port.
pub(super) const PASS_DURATION: Duration = Duration::from_millis(5);

/// The most addresses of a name tried in a row while there is no local port for them, because the kernel searches for
/// one each time.
pub(super) const MAX_ADDRESSES_TRIED: usize = 16;

/// The delay between attempts while the system has no descriptor or memory.
const RETRY_DELAY: Duration = Duration::from_millis(10);

/// The capacity that an empty queue keeps, in checks.
pub(super) const KEPT_QUEUE_ENTRIES: usize = 1024;

/// The state of the queues after a pass.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Queue {
    /// They are empty, or wait for a probe to end.
    Waits,
    /// More checks can start at once.
    Ready,
    /// They wait this long for an event outside the engine.
    Later(Duration),
}

/// An attempt to start a probe.
struct Start {
    /// The address, which was taken from its check.
    address: SocketAddr,
    /// The place that the check had in the queues.
    place: Place,
    at: Instant,
    outcome: Result<ProbeKey, NotStarted>,
}

impl Reactor<'_> {
    /// Puts a check in a queue. Its clock stops, unless one of its probes is in flight.
    pub(super) fn enqueue(&mut self, key: CheckKey, now: Option<Instant>) {
        let check = &mut self.checks[key];
        let stands = check.probes().is_empty();
        if check.place == Place::Nowhere
            && let Some(address) = check.next_address()
        {
            check.place = Place::Queued;
            let queue = self.queue_for(&address);
            // In front of the checks whose clocks stand still: else this one might time out in the queue before its
            // next address is tried.
            if stands { queue.push_back(key) } else { queue.push_front(key) }
        }
        if stands && let Some(now) = now {
            self.checks.wait(key, now);
        }
    }

    /// The queue for checks with this next address.
    pub(super) fn queue_for(&mut self, address: &SocketAddr) -> &mut VecDeque<CheckKey> {
        if self.transport.is_paced(address) { &mut self.rate_queue } else { &mut self.socket_queue }
    }

    /// Pops the first check of one queue, or of the other if that is empty.
    fn next_in_queue(&mut self, from_rate: bool) -> Option<CheckKey> {
        let Self { rate_queue, socket_queue, .. } = self;
        let (queue, other) = if from_rate { (rate_queue, socket_queue) } else { (socket_queue, rate_queue) };
        queue.pop_front().or_else(|| other.pop_front())
    }

    pub(super) fn start_probes(&mut self) -> Queue {
        let mut now = Instant::now();
        let end = now + PASS_DURATION;
        // How long the rate limit allows no further SYN.
        let mut pause: Option<Duration> = None;
        for turn in 0..(self.checks.len() / CHECKS_PER_START).clamp(MIN_STARTS_PER_PASS, MAX_STARTS_PER_PASS) {
            if now >= end {
                break;
            }
            let key = match pause {
                Some(_) => self.socket_queue.pop_front(),
                None => self.next_in_queue(turn % 2 == 0),
            };
            let Some(key) = key else { break };
            let Some(check) = self.checks.get_mut(key) else { continue };
            let place = std::mem::take(&mut check.place);
            let Some(Start { address, place, at, outcome }) = self.start(key, place) else { continue };
            now = at;
            match outcome {
                Ok(probe) => self.on_started(key, probe, now),
                Err(why) => match self.on_not_started(key, address, why, place) {
                    Some(Queue::Later(wait)) if matches!(why, NotStarted::TooSoon(_)) => pause = Some(wait),
                    Some(queue) => return queue,
                    None => {}
                },
            }
        }
        if !self.socket_queue.is_empty() || (pause.is_none() && !self.rate_queue.is_empty()) {
            return Queue::Ready;
        }
        // Release memory that a large batch has left.
        self.socket_queue.shrink_to(KEPT_QUEUE_ENTRIES);
        if let Some(wait) = pause {
            return Queue::Later(wait);
        }
        self.rate_queue.shrink_to(KEPT_QUEUE_ENTRIES);
        self.starved_since = None;
        Queue::Waits
    }

    /// Starts a probe of a check's next address or, while there is no local port for that, of the first address after
    /// it that has one; the skipped ones move to the end. If none has a port, the outcome is `NoPort` for the next
    /// address: no probe ends meanwhile, so a probe of this engine still holds its port, and wakes the check when it
    /// ends.
    fn start(&mut self, key: CheckKey, place: Place) -> Option<Start> {
        let half_open = self.checks[key].handshake != HandshakeKind::Full;
        for passed in 0..MAX_ADDRESSES_TRIED {
            let Some(address) = self.checks[key].address_after(passed) else { break };
            // It was woken for the port of its next address, not for the others'.
            let place = if passed == 0 { place } else { Place::Queued };
            if place != Place::Woken && self.port_waiters.has(&address) {
                continue;
            }
            let at = Instant::now();
            let outcome = self.transport.start(&self.poller, Probe { check: key, address }, half_open);
            if outcome != Err(NotStarted::NoPort) {
                let check = &mut self.checks[key];
                check.put_off(passed);
                check.take_address();
                return Some(Start { address, place, at, outcome });
            }
        }
        let address = self.checks[key].take_address()?;
        Some(Start { address, place, at: Instant::now(), outcome: Err(NotStarted::NoPort) })
    }

    /// Handles a probe that did not start. Returns the state of the queue if no further check can start now.
    fn on_not_started(&mut self, key: CheckKey, address: SocketAddr, why: NotStarted, place: Place) -> Option<Queue> {
        let queue = match why {
            NotStarted::Window => Queue::Waits,
            NotStarted::Exhausted(_) if self.may_wait(key) => Queue::Later(RETRY_DELAY),
            NotStarted::TooSoon(wait) => Queue::Later(wait),
            NotStarted::NoPort => {
                self.wait_for_port(key, address, place == Place::Woken);
                return None;
            }
            NotStarted::Failed(Errno::ADDRNOTAVAIL | Errno::AGAIN) if self.move_home(key, &address) => return None,
            NotStarted::Exhausted(errno) | NotStarted::Failed(errno) => {
                self.fail_address(key, &address, self.status_of_local(key, errno), errno);
                self.wake_port_waiter(&address);
                return None;
            }
        };
        self.stay_first(key, address, place);
        Some(queue)
    }

    /// The status for an error of this host, given that a SYN of the check may have left before.
    fn status_of_local(&self, key: CheckKey, errno: Errno) -> Status {
        match Status::of_local(errno) {
            Status::NoRoute if self.checks[key].resent > 0 => Status::Unreachable,
            status => status,
        }
    }

    /// Sends queued SYNs. Returns whether more checks may start.
    pub(super) fn send(&mut self) -> bool {
        self.transport.send(&mut self.events);
        self.on_probe_events()
    }

    pub(super) fn on_blocked(&mut self, probe: ProbeKey, since: Instant) {
        let Some(Probe { check: key, .. }) = self.transport.probe(probe) else { return };
        self.checks.block_probe(key, probe, since);
    }

    pub(super) fn on_sent(&mut self, probe: ProbeKey) {
        let Some(Probe { check: key, .. }) = self.transport.probe(probe) else { return };
        let (transport, now) = (&self.transport, Instant::now());
        self.checks.unblock_probe(key, probe, now, |deadline| transport.first_timer(probe, now, deadline));
        self.starved_since = None;
    }

    /// Returns false if the probe has ended.
    pub(super) fn on_not_sent(&mut self, probe: ProbeKey, errno: Errno) -> bool {
        let Some(Probe { check: key, address }) = self.transport.probe(probe) else { return false };
        self.transport.end(probe, Verdict::Pending);
        self.checks.end_probe(key, probe);
        self.fail_address(key, &address, self.status_of_local(key, errno), errno);
        self.wake_port_waiter(&address);
        true
    }

    /// Puts a check back at the front of its queue.
    fn stay_first(&mut self, key: CheckKey, address: SocketAddr, place: Place) {
        let check = &mut self.checks[key];
        check.put_back(address);
        check.place = place;
        self.queue_for(&address).push_front(key);
    }

    pub(super) fn on_started(&mut self, key: CheckKey, probe: ProbeKey, at: Instant) {
        self.starved_since = None;
        let transport = &self.transport;
        self.checks.start_probe(key, probe, at, |deadline| transport.first_timer(probe, at, deadline));
    }

    /// Whether a check may wait for descriptors or memory: while a probe of this engine is in flight, and else for at
    /// most the check's timeout.
    fn may_wait(&mut self, key: CheckKey) -> bool {
        if self.transport.in_flight() > 0 {
            self.starved_since = None;
            return true;
        }
        let now = Instant::now();
        now.since(*self.starved_since.get_or_insert(now)) < self.checks[key].clock().timeout()
    }
}
