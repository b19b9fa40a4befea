//! The queue for sockets, and the start of probes.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use super::Reactor;
use super::stagger::attempt_delay;
use rustix::io::Errno;

use crate::check::{Attempt, HandshakeKind, Place, Target};
use crate::instant::Instant;
use crate::keys::{CheckKey, ProbeKey};
use crate::status::Status;
use crate::transport::{BlockedSend, NotStarted, Probe};

/// Handshakes started in one pass, at least. Few are dear: each pass ends with an `epoll_wait()`, and each delivery of its
/// results wakes two threads.
const MIN_STARTS_PER_PASS: usize = 64;

/// Handshakes started in one pass, at most: their SYN-ACKs are read some ms later.
const MAX_STARTS_PER_PASS: usize = 256;

/// What part of the checks one pass may start: the results of some come up while others are started, so that our thread and
/// JavaScript's have work at the same time.
const CHECKS_PER_START: usize = 4;

/// How long a pass may go on starting handshakes, or renewing them. It is enough for all that a pass may start, unless
/// most local ports lead to the target already: then the kernel searches for another one for hundreds of us each time.
pub(super) const PASS_DURATION: Duration = Duration::from_millis(5);

/// How many addresses of a name are tried in one go, at most, while there is no local port that leads to them: the kernel
/// searches for one each time, as above.
pub(super) const MAX_ADDRESSES_TRIED: usize = 16;

/// How often to try again when the host program has used up what the system has.
const RETRY_DELAY: Duration = Duration::from_millis(10);

/// For how many checks an empty queue keeps room.
pub(super) const KEPT_QUEUE_ENTRIES: usize = 1024;

/// Whether the queue for sockets can move on.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Queue {
    /// It is empty, or waits for a probe to end.
    Waits,
    /// There is more to start at once.
    Ready,
    /// It waits for something that happens outside the engine, for so long.
    Later(Duration),
}

/// What has become of the start of a probe.
struct Start {
    /// The address, which is its check's next one no more.
    address: SocketAddr,
    /// Where the check stood for it.
    place: Place,
    at: Instant,
    outcome: Result<ProbeKey, NotStarted>,
}

impl Reactor<'_> {
    /// Puts a check in the queue for a socket, where its time stands still unless one of its probes is under way.
    pub(super) fn enqueue(&mut self, key: CheckKey, now: Option<Instant>) {
        let check = &mut self.checks[key];
        let stands = check.probes.is_empty();
        if check.place == Place::Nowhere
            && let Some(address) = check.next_address()
        {
            check.place = Place::Queued;
            let queue = self.queue_for(&address);
            // Before all that have their time still: or the queue would have it time out before its next address was tried.
            if stands { queue.push_back(key) } else { queue.push_front(key) }
        }
        if stands && let Some(now) = now {
            self.change(key, |check| check.clock.pause(now));
        }
    }

    /// The queue in which checks wait that are to try an address.
    pub(super) fn queue_for(&mut self, address: &SocketAddr) -> &mut VecDeque<CheckKey> {
        if self.transport.may_be_too_soon(address) { &mut self.rate_queue } else { &mut self.socket_queue }
    }

    /// Takes the first of a queue, and of the other if that is empty.
    fn next_in_queue(&mut self, from_rate: bool) -> Option<CheckKey> {
        let Self { rate_queue, socket_queue, .. } = self;
        let (queue, other) = if from_rate { (rate_queue, socket_queue) } else { (socket_queue, rate_queue) };
        queue.pop_front().or_else(|| other.pop_front())
    }

    pub(super) fn start_probes(&mut self) -> Queue {
        let mut now = Instant::now();
        let end = now + PASS_DURATION;
        // How long nobody may start for whom there is a rate.
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
        // What a flood has left.
        self.socket_queue.shrink_to(KEPT_QUEUE_ENTRIES);
        if let Some(wait) = pause {
            return Queue::Later(wait);
        }
        self.rate_queue.shrink_to(KEPT_QUEUE_ENTRIES);
        self.starved_since = None;
        Queue::Waits
    }

    /// Starts a probe of a check's next address; while there is no local port for it, of the first after it that has one,
    /// and those before that become the last. If none has, the next address is told to have no port: no probe ends in here,
    /// so one of ours has it still, and will let it go.
    fn start(&mut self, key: CheckKey, place: Place) -> Option<Start> {
        let half_open = self.checks[key].handshake != HandshakeKind::Full;
        for passed in 0..MAX_ADDRESSES_TRIED {
            let Some(address) = self.checks[key].address_after(passed) else { break };
            // It was let go to the port of its next address, and not to the others'.
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

    /// Goes on with a check that could not have a probe, and whose place was in the queue. Returns how that moves on, where
    /// it can't at once.
    fn on_not_started(&mut self, key: CheckKey, address: SocketAddr, why: NotStarted, place: Place) -> Option<Queue> {
        let queue = match why {
            NotStarted::Window => Queue::Waits,
            NotStarted::Exhausted(_) if self.may_wait(key) => Queue::Later(RETRY_DELAY),
            NotStarted::TooSoon(wait) => Queue::Later(wait),
            NotStarted::NoPort => {
                self.wait_for_port(key, address, place == Place::Woken);
                return None;
            }
            NotStarted::Exhausted(errno) | NotStarted::Failed(errno) => {
                self.fail_address(key, &address, self.status_of_local(key, errno), errno);
                self.wake_port_waiter(&address);
                return None;
            }
        };
        self.stay_first(key, address, place);
        Some(queue)
    }

    /// What an error of this host stands for in a check, of which a SYN may have left before.
    fn status_of_local(&self, key: CheckKey, errno: Errno) -> Status {
        match Status::of_local(errno) {
            Status::NoRoute if self.checks[key].resent > 0 => Status::Unreachable,
            status => status,
        }
    }

    /// Has the SYNs leave that were put off. Returns whether there may be more to start, as a check failed: it may have
    /// another address, or have let others go.
    pub(super) fn flush(&mut self) -> bool {
        let mut blocked_sends = std::mem::take(&mut self.blocked_sends);
        self.transport.flush(&mut blocked_sends);
        let mut has_failed = false;
        let mut rest = &blocked_sends[..];
        while let [(probe, blocked_send), later @ ..] = rest {
            rest = later;
            let (probe, blocked_send) = (*probe, *blocked_send);
            let Some(Probe { check: key, address }) = self.transport.probe(probe) else { continue };
            self.detach(key, probe);
            match blocked_send {
                Ok(since) => {
                    // That was time in a queue of this host. Where another probe was out meanwhile, it was the check's own.
                    if let Some(since) = self.none_out_since(key, since, later) {
                        self.change(key, |check| check.clock.pause(since));
                    }
                    self.on_started(key, probe, Instant::now());
                }
                Err(errno) => {
                    self.transport.cancel(probe);
                    self.fail_address(key, &address, self.status_of_local(key, errno), errno);
                    self.wake_port_waiter(&address);
                    has_failed = true;
                }
            }
        }
        blocked_sends.clear();
        self.blocked_sends = blocked_sends;
        has_failed
    }

    /// Since when no probe of a check has been out, if none is: one has been refused `since`, and so may its others have
    /// been, whether or not they are among those that leave `later`.
    fn none_out_since(&self, key: CheckKey, since: Instant, later: &[(ProbeKey, BlockedSend)]) -> Option<Instant> {
        let mut earliest = since;
        for attempt in &self.checks[key].probes {
            let blocked = match later.iter().find(|(probe, _)| *probe == attempt.key) {
                Some((_, blocked_send)) => blocked_send.unwrap_or(since),
                None => self.transport.blocked_since(attempt.key)?,
            };
            earliest = earliest.min(blocked);
        }
        Some(earliest)
    }

    /// Puts a check that could not have a probe back where it was.
    fn stay_first(&mut self, key: CheckKey, address: SocketAddr, place: Place) {
        let check = &mut self.checks[key];
        check.put_back(address);
        check.place = place;
        self.queue_for(&address).push_front(key);
    }

    pub(super) fn on_started(&mut self, key: CheckKey, probe: ProbeKey, at: Instant) {
        self.starved_since = None;
        let mut clock = self.checks[key].clock;
        clock.start(at);
        let timer = clock.deadline().and_then(|deadline| self.transport.first_timer(probe, at, deadline));
        self.change(key, |check| {
            check.clock = clock;
            check.probes.push(Attempt { key: probe, timer });
            if let Target::Name(name) = &mut check.target
                && !name.addresses.is_empty()
                && let Some(deadline) = clock.deadline()
            {
                name.next_attempt = Some(at + attempt_delay(deadline.since(at), name.addresses.len()));
            }
        });
    }

    /// Whether a check that the system has nothing for may wait some more: while one of our own probes is to end, and
    /// else for as long as its own timeout.
    fn may_wait(&mut self, key: CheckKey) -> bool {
        if self.transport.in_flight() > 0 {
            self.starved_since = None;
            return true;
        }
        let now = Instant::now();
        now.since(*self.starved_since.get_or_insert(now)) < self.checks[key].clock.timeout()
    }
}
