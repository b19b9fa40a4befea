//! The start of probes, and what follows if one can't start.

use std::net::SocketAddr;
use std::time::Duration;

use rustix::io::Errno;

use super::Reactor;
use super::queues::QueueState;
use crate::instant::Instant;
use crate::keys::{CheckKey, ProbeKey};
use crate::reactor::checks::{HandshakeKind, Place, Target};
use crate::status::Status;
use crate::transport::{NotStarted, Probe};

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
    /// Queues a check. Its clock stops at `now`, unless one of its probes is in flight; without `now` it stands still
    /// already.
    pub(super) fn enqueue(&mut self, key: CheckKey, now: Option<Instant>) {
        self.queues.push(key, &mut self.checks, &*self.transport);
        if self.checks[key].probes().is_empty()
            && let Some(now) = now
        {
            self.checks.wait(key, now);
        }
    }

    /// Starts probes of queued checks, for one pass.
    pub(super) fn start_probes(&mut self) -> QueueState {
        let mut now = Instant::now();
        let end = now + PASS_DURATION;
        // How long the rate limit allows no further SYN.
        let mut pause: Option<Duration> = None;
        for turn in 0..(self.checks.len() / CHECKS_PER_START).clamp(MIN_STARTS_PER_PASS, MAX_STARTS_PER_PASS) {
            if now >= end {
                break;
            }
            let Some(key) = self.queues.pop(turn, pause.is_none()) else { break };
            let Some(check) = self.checks.get_mut(key) else { continue };
            let place = std::mem::take(&mut check.place);
            let Some(Start { address, place, at, outcome }) = self.start(key, place) else { continue };
            now = at;
            match outcome {
                Ok(probe) => self.on_started(key, probe, now),
                Err(why) => match self.on_not_started(key, address, why, place) {
                    Some(QueueState::Later(wait)) if matches!(why, NotStarted::TooSoon(_)) => pause = Some(wait),
                    Some(state) => return state,
                    None => {}
                },
            }
        }
        self.queues.end_pass(pause)
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
            if place != Place::Woken && self.queues.has_port_waiter(&address) {
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

    fn on_started(&mut self, key: CheckKey, probe: ProbeKey, at: Instant) {
        self.queues.end_starvation();
        let transport = &self.transport;
        self.checks.start_probe(key, probe, at, |deadline| transport.first_timer(probe, at, deadline));
    }

    /// Handles a probe that did not start. Returns the state of the queues if no further check can start now.
    fn on_not_started(
        &mut self,
        key: CheckKey,
        address: SocketAddr,
        why: NotStarted,
        place: Place,
    ) -> Option<QueueState> {
        let state = match why {
            NotStarted::Window => QueueState::Waits,
            NotStarted::Exhausted(_) if self.may_starve(key) => QueueState::Later(RETRY_DELAY),
            NotStarted::TooSoon(wait) => QueueState::Later(wait),
            NotStarted::NoPort => {
                self.queues.wait_for_port(key, address, place == Place::Woken, &mut self.checks);
                return None;
            }
            NotStarted::Failed(Errno::ADDRNOTAVAIL | Errno::AGAIN) if self.move_home(key, &address) => return None,
            NotStarted::Exhausted(errno) | NotStarted::Failed(errno) => {
                self.fail_address(key, &address, self.status_of_local(key, errno), errno);
                self.wake_port_waiter(&address);
                return None;
            }
        };
        self.queues.put_back(key, (address, place), &mut self.checks, &*self.transport);
        Some(state)
    }

    fn may_starve(&mut self, key: CheckKey) -> bool {
        self.queues.may_starve(self.checks[key].clock().timeout(), self.transport.in_flight() > 0)
    }

    /// Moves a check that found no port to the home thread of its address, whose probes may hold the ports
    /// ([`crate::engine`]). Returns false for the check of a name, and in the home thread.
    pub(super) fn move_home(&mut self, key: CheckKey, address: &SocketAddr) -> bool {
        let Some(home) = self.peers.home_of(address) else { return false };
        if !matches!(self.checks[key].target, Target::Address(_)) {
            return false;
        }
        self.checks.wait(key, Instant::now());
        if let Some((check, _)) = self.checks.remove(key) {
            home.post_checks(1, |mail| mail.moved.push(check));
        }
        self.wake_port_waiter(address);
        true
    }

    /// Wakes the first check that waits for a port to an address, because one may be free.
    pub(super) fn wake_port_waiter(&mut self, address: &SocketAddr) {
        self.queues.wake_port_waiter(address, &mut self.checks, &*self.transport);
    }

    /// The status for an error of this host, given that a SYN of the check may have left before.
    pub(super) fn status_of_local(&self, key: CheckKey, errno: Errno) -> Status {
        match Status::of_local(errno) {
            Status::NoRoute if self.checks[key].resent > 0 => Status::Unreachable,
            status => status,
        }
    }
}
