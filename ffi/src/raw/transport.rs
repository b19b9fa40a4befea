//! The raw engine as a transport.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rustix::io::{self, Errno};

use super::in_flight::InFlightProbe;
use super::retransmission::{FIRST_WAIT, next_retransmit};
use super::routes::leave_this_host;
use super::{Raw, WINDOW, keys, wall_clock};
use crate::address::wire_address;
use crate::instant::Instant;
use crate::keys::ProbeKey;
use crate::record::Family;
use crate::sys::poller::{Poller, Ready};
use crate::transport::{Ended, NotStarted, Probe, ProbeEvent, ProbeEvents, TimerOutcome, Transport, Verdict};

/// The maximum number of probes that get another SYN in one pass after a loss.
const MAX_RETRANSMITS_PER_PASS: usize = 64;
/// The maximum number of queued probes visited in such a pass, including ended ones, in less than 1 ms.
const MAX_VISITED_PER_PASS: usize = 4096;
/// The delay until the next such pass.
const MAINTENANCE_DELAY: Duration = Duration::from_millis(1);

impl Transport for Raw {
    fn start(&mut self, _poller: &Poller, probe: Probe, half_open: bool) -> Result<ProbeKey, NotStarted> {
        if !half_open {
            // A full handshake needs a socket.
            return Err(NotStarted::Failed(Errno::OPNOTSUPP));
        }
        if self.in_flight.len() >= WINDOW / self.config.threads() {
            return Err(NotStarted::Window);
        }
        let target = wire_address(&probe.address);
        let source = self.routes.source(&target).map_err(NotStarted::Failed)?;
        if let Some(wait) = self.send_queue.limit.wait(Some(source), &target, Instant::now()) {
            return Err(NotStarted::TooSoon(wait));
        }
        let port = self.port_for(&target)?;
        let key = self.in_flight.insert(probe, port);
        self.has_left |= leave_this_host(source, target.ip());
        self.idle_since = None;
        self.queue_syn(key, Some(source));
        Ok(key)
    }

    fn is_paced(&self, address: &SocketAddr) -> bool {
        self.send_queue.limit.may_hold(address)
    }

    fn send(&mut self, events: &mut ProbeEvents) {
        self.send_all();
        events.append(&mut self.send_queue.events);
    }

    fn receive(&mut self, ready: Option<Ready>, events: &mut ProbeEvents) {
        let Some(ready) = ready else { return self.receive_all(events) };
        let family = match ready.key {
            keys::V4 => Family::V4,
            keys::V6 => Family::V6,
            _ => {
                self.routes.empty_cache();
                return self.channels.iter_mut().for_each(|channel| channel.rebind(&self.config));
            }
        };
        if ready.failed {
            self.read_errors(family, events);
        }
        // An error is ignored here: `receive_all()` reads everything before the next deadline.
        let _ = self.read(family, false, events);
    }

    fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    fn probe(&self, key: ProbeKey) -> Option<Probe> {
        self.in_flight.get(key).map(InFlightProbe::probe)
    }

    /// `receive_all()` has read all answers. Returns `Unknown`, not `Pending`, if the answer may have been lost in this
    /// host, and there was no time for another one.
    fn verdict(&self, key: ProbeKey, deadline: Instant) -> Verdict {
        let late_by = Instant::now().since(deadline).as_nanos() as u64;
        let end = wall_clock().saturating_sub(late_by);
        match self.in_flight.get(key) {
            Some(entry) if entry.blocked => Verdict::Unknown(self.send_queue.blocked_errno),
            Some(entry) if entry.is_in_doubt(end, self.losses.last) => Verdict::Unknown(self.losses.errno),
            _ => Verdict::Pending,
        }
    }

    /// The RST was already sent: the kernel's and, to another host, the engine's.
    fn end(&mut self, key: ProbeKey, _verdict: Verdict) -> Ended {
        let retransmits = self.retransmits(key);
        self.in_flight.remove(key);
        Ended { at: Instant::now(), acknowledged: false, retransmits }
    }

    fn first_timer(&self, _key: ProbeKey, started: Instant, deadline: Instant) -> Option<Instant> {
        Some(started + FIRST_WAIT).filter(|at| *at < deadline)
    }

    fn on_timer(&mut self, _poller: &Poller, key: ProbeKey, due: Instant, deadline: Instant) -> TimerOutcome {
        let resent = self.retransmits(key);
        if self.is_last(resent) {
            return TimerOutcome::Over(match self.verdict(key, deadline) {
                Verdict::Pending => Verdict::Silent,
                verdict => verdict,
            });
        }
        let now = Instant::now();
        if now >= deadline {
            // The timer is late, and an answer to another SYN would come after the deadline.
            return TimerOutcome::GoesOn { key, timer: None };
        }
        let source = self.source_of(key).ok();
        let limit = &self.send_queue.limit;
        let reserved =
            self.in_flight.get_mut(key).and_then(|probe| limit.reserve(source, probe, now, deadline.since(now)));
        let timer = reserved.map(|wait| {
            if wait > Duration::ZERO {
                return now + wait;
            }
            self.queue_syn(key, source);
            next_retransmit(resent + 1, due, now)
        });
        TimerOutcome::GoesOn { key, timer: timer.filter(|at| *at < deadline) }
    }

    fn maintain(&mut self, now: Instant) {
        // A probe that is blocked again is queued again, for another pass.
        let mut asked = 0;
        for _ in 0..MAX_VISITED_PER_PASS.min(self.losses.doubtful.len()) {
            if asked == MAX_RETRANSMITS_PER_PASS {
                break;
            }
            let Some(key) = self.losses.doubtful.pop_front() else { break };
            let Some(probe) = self.in_flight.get(key) else { continue };
            let (is_blocked, target) = (probe.blocked, probe.target());
            if !is_blocked && (probe.sent >= self.losses.last || self.is_last(probe.resent.into())) {
                continue;
            }
            let source = self.routes.source(&target);
            if let Err(errno) = source
                && is_blocked
            {
                // The first SYN fails, like that of a new probe. Without the event the probe would wait without being
                // queued, and would get no SYN even if the route returned.
                self.send_queue.events.push((key, ProbeEvent::NotSent(errno)));
                continue;
            }
            let source = source.ok();
            if self.send_queue.limit.wait(source, &target, now).is_some() {
                self.losses.doubtful.push_front(key);
                break;
            }
            self.queue_syn(key, source);
            asked += 1;
        }
        // Sent before new probes start, because blocked SYNs return tokens that new probes would take.
        self.send_all();
        if self.in_flight.len() == 0 && self.ports.len() > 0 {
            let since = *self.idle_since.get_or_insert(now);
            if now.since(since) >= self.idle_port_time() {
                self.ports.shrink_to(0);
                self.has_left = false;
                // If this fails, the old filter only takes CPU time.
                let _ = self.listen();
            }
        }
    }

    fn maintenance(&self) -> Option<Duration> {
        if !self.losses.doubtful.is_empty() {
            return Some(MAINTENANCE_DELAY);
        }
        (self.in_flight.len() == 0 && self.ports.len() > 0).then(|| self.idle_port_time())
    }
}

impl Raw {
    /// Receives all answers that have arrived, and checks for losses.
    fn receive_all(&mut self, events: &mut ProbeEvents) {
        for family in [Family::V4, Family::V6] {
            if let Err(errno) = self.read(family, true, events) {
                self.losses.record(errno, &mut self.in_flight);
            }
        }
        self.look_for_losses();
    }

    /// The number of SYN retransmissions of a probe.
    fn retransmits(&self, key: ProbeKey) -> u32 {
        self.in_flight.get(key).map_or(0, |entry| entry.resent.into())
    }

    /// Whether the `resent`-th retransmission is the last permitted one.
    fn is_last(&self, resent: u32) -> bool {
        self.config.syn_retries.is_some_and(|limit| resent >= limit.into())
    }

    /// The source address of a probe's next SYN. An error if the route has disappeared.
    fn source_of(&mut self, key: ProbeKey) -> io::Result<IpAddr> {
        let probe = self.in_flight.get(key).ok_or(Errno::NOENT)?;
        self.routes.source(&probe.target())
    }

    /// Queues a SYN of a probe. Without a source the SYN counts as lost on the network.
    fn queue_syn(&mut self, key: ProbeKey, source: Option<IpAddr>) {
        let Some(source) = source else { return };
        if let Some(full) = self.send_queue.push(key, source, &mut self.in_flight) {
            self.send_queue.send(full, &mut self.channels, &mut self.in_flight, &mut self.losses);
        }
    }

    /// Sends all queued SYNs.
    fn send_all(&mut self) {
        for family in [Family::V4, Family::V6] {
            self.send_queue.send(family, &mut self.channels, &mut self.in_flight, &mut self.losses);
        }
    }
}
