//! The start of probes, and the handling of probes that can't start.

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

/// The lower limit of handshakes started per pass. Fewer would be inefficient, because each pass ends with an
/// `epoll_wait()`, and each delivery of results wakes two threads.
const MIN_STARTS_PER_PASS: usize = 64;

/// The upper limit of handshakes started per pass, because their SYN-ACKs are read only in a later pass.
const MAX_STARTS_PER_PASS: usize = 256;

/// Between these limits a pass starts one in this many of the pending checks, so that results of some arrive while others
/// start, and the engine thread and the JavaScript thread work concurrently.
const CHECKS_PER_START: usize = 4;

/// The maximum time that a pass spends on starting handshakes, renewing sockets or cancelling. It is enough for
/// [`MAX_STARTS_PER_PASS`], unless most local ports to the target are in use: then the kernel searches hundreds of us for
/// each port.
pub(super) const PASS_DURATION: Duration = Duration::from_millis(5);

/// The maximum number of a name's addresses tried in a row without finding a local port, because the kernel searches for
/// a port each time.
pub(super) const MAX_ADDRESSES_TRIED: usize = 16;

/// The delay between attempts while the system has no descriptor or memory.
const RETRY_DELAY: Duration = Duration::from_millis(10);

/// An attempt to start a probe.
struct Start {
    /// The address, taken from its check.
    address: SocketAddr,
    /// The previous place of the check in the queues.
    place: Place,
    at: Instant,
    outcome: Result<ProbeKey, NotStarted>,
}

impl Reactor<'_> {
    /// Queues a check. Stops its clock at `now`, unless one of its probes is in flight. Without `now`, the clock is
    /// already stopped.
    pub(super) fn enqueue(&mut self, key: CheckKey, now: Option<Instant>) {
        self.queues.push(key, &mut self.checks, &*self.transport);
        if self.checks[key].probes().is_empty()
            && let Some(now) = now
        {
            self.checks.pause_clock(key, now);
        }
    }

    /// Starts probes of queued checks, for one pass.
    pub(super) fn start_probes(&mut self) -> QueueState {
        let mut now = Instant::now();
        let end = now + PASS_DURATION;
        // The time for which the rate limit permits no SYN.
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

    /// Starts a probe of a check's next address, or of the first later address that has a free local port; skipped
    /// addresses move to the end. If no address has a free port, the outcome is `NoPort` for the next address: a probe
    /// of this engine holds a port to it, and wakes the check at its end.
    fn start(&mut self, key: CheckKey, place: Place) -> Option<Start> {
        let half_open = self.checks[key].handshake != HandshakeKind::Full;
        for passed in 0..MAX_ADDRESSES_TRIED {
            let Some(address) = self.checks[key].address_after(passed) else { break };
            // The check was woken for a port to its next address, not to later ones.
            let place = if passed == 0 { place } else { Place::Queued };
            if place != Place::Woken && self.queues.has_port_waiter(&address) {
                continue;
            }
            let at = Instant::now();
            let outcome = self.transport.start(&self.poller, Probe { check: key, address }, half_open);
            if outcome != Err(NotStarted::NoPort) {
                let check = &mut self.checks[key];
                check.rotate_addresses(passed);
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

    /// Handles a failed start of a probe. Returns the state of the queues if no further check can start now.
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
        let Some(home) = self.mailboxes.home_of(address) else { return false };
        if !matches!(self.checks[key].target, Target::Address(_)) {
            return false;
        }
        self.checks.pause_clock(key, Instant::now());
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

    /// The status for an error of this host. If a SYN of the check was sent before, `NoRoute` becomes `Unreachable`.
    pub(super) fn status_of_local(&self, key: CheckKey, errno: Errno) -> Status {
        match Status::of_local(errno) {
            Status::NoRoute if self.checks[key].resent > 0 => Status::Unreachable,
            status => status,
        }
    }
}
