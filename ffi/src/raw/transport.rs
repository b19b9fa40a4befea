//! Probes that are packets, and nothing else.

use std::net::SocketAddr;
use std::time::Duration;

use rustix::io::Errno;

use super::flights::Flight;
use super::sending::wait_after;
use super::{FIRST_WAIT, Raw, WINDOW, keys, wall_clock};
use crate::address::wire_address;
use crate::instant::Instant;
use crate::keys::ProbeKey;
use crate::poller::{Poller, Ready};
use crate::probe::Verdict;
use crate::record::Family;
use crate::transport::{Departure, Ended, NotStarted, Probe, TimerOutcome, Transport};

/// How many are asked again at once when answers were lost.
const DOUBTFUL: usize = 64;
/// How many are looked at for that. Those who have ended meanwhile are to hold up nobody; this many take less than a ms.
const PASSED_OVER: usize = 4096;
/// When to go on with the others.
const SOON: Duration = Duration::from_millis(1);

impl Transport for Raw {
    fn start(&mut self, _poller: &Poller, probe: Probe, half_open: bool) -> Result<ProbeKey, NotStarted> {
        if !half_open {
            // A handshake takes a socket.
            return Err(NotStarted::Failed(Errno::OPNOTSUPP));
        }
        if self.flights.len() >= WINDOW {
            return Err(NotStarted::Window);
        }
        let target = wire_address(&probe.address);
        let source = self.routes.source(&target).map_err(NotStarted::Failed)?;
        if let Some(wait) = self.rate_for(source, &target).and_then(|rate| rate.wait(Instant::now())) {
            return Err(NotStarted::TooSoon(wait));
        }
        let port = self.port_for(&target)?;
        let key = self.flights.insert(probe, port);
        self.idle_since = None;
        self.put_out(key, source);
        Ok(key)
    }

    fn may_be_too_soon(&self, address: &SocketAddr) -> bool {
        self.rate.is_some() && !wire_address(address).ip().is_loopback()
    }

    fn flush(&mut self, departures: &mut Vec<(ProbeKey, Departure)>) {
        self.send_all();
        departures.append(&mut self.departures);
    }

    fn in_flight(&self) -> usize {
        self.flights.len()
    }

    fn probe(&self, key: ProbeKey) -> Option<Probe> {
        self.flights.get(key).map(Flight::probe)
    }

    fn retransmits(&self, key: ProbeKey) -> u32 {
        self.flights.get(key).map_or(0, |flight| flight.resent.into())
    }

    fn refused_since(&self, key: ProbeKey) -> Option<Instant> {
        self.flights.get(key)?.refused_since()
    }

    fn on_event(&mut self, event: Ready, found: &mut Vec<(ProbeKey, Verdict)>) {
        let family = match event.key {
            keys::V4 => Family::V4,
            keys::V6 => Family::V6,
            _ => {
                self.routes.forget();
                return self.channels.iter_mut().for_each(|channel| channel.rebind(&self.config));
            }
        };
        if event.failed {
            self.read_errors(family, found);
        }
        // If it can't, it is to be read to the last when somebody's time is over.
        let _ = self.read(family, false, found);
    }

    fn catch_up(&mut self, found: &mut Vec<(ProbeKey, Verdict)>) {
        for family in [Family::V4, Family::V6] {
            if let Err(errno) = self.read(family, true, found) {
                self.has_lost(errno);
            }
        }
        self.look_for_losses();
    }

    /// Whatever has come was read when the reactor caught up. Silence is none where an answer may have been lost, and there
    /// was no time for another.
    fn verdict(&self, key: ProbeKey, deadline: Instant) -> Verdict {
        let late_by = Instant::now().since(deadline).as_nanos() as u64;
        let end = wall_clock().saturating_sub(late_by);
        match self.flights.get(key) {
            Some(flight) if flight.refused => Verdict::Unknown(self.blocked_errno),
            Some(flight) if flight.is_in_doubt(end, self.lost) => Verdict::Unknown(self.loss),
            _ => Verdict::Pending,
        }
    }

    /// The RST has left already: the kernel's, and where it takes one ours.
    fn end(&mut self, key: ProbeKey, _verdict: Verdict) -> Ended {
        self.flights.remove(key);
        Ended { at: Instant::now(), acknowledged: false }
    }

    fn cancel(&mut self, key: ProbeKey) -> bool {
        self.flights.remove(key);
        false
    }

    fn first_timer(&self, _key: ProbeKey, started: Instant, deadline: Instant) -> Option<Instant> {
        Some(started + FIRST_WAIT).filter(|at| *at < deadline)
    }

    fn on_timer(&mut self, _poller: &Poller, key: ProbeKey, deadline: Instant) -> TimerOutcome {
        // It is in line for its first SYN.
        if self.refused_since(key).is_some() {
            return TimerOutcome::GoesOn { key, timer: None };
        }
        let resent = self.retransmits(key);
        if self.is_last(resent) {
            return TimerOutcome::Over(match self.verdict(key, deadline) {
                Verdict::Pending => Verdict::Silent,
                verdict => verdict,
            });
        }
        let now = Instant::now();
        if now >= deadline {
            // We are late: nothing that is sent now is of any use.
            return TimerOutcome::GoesOn { key, timer: None };
        }
        let source = self.source_of(key).ok();
        let wait = match self.book(key, source, now, deadline.since(now)) {
            Some(Duration::ZERO) => {
                self.ask_again(key, source);
                Some(wait_after(resent + 1))
            }
            wait => wait,
        };
        TimerOutcome::GoesOn { key, timer: wait.map(|wait| now + wait).filter(|at| *at < deadline) }
    }

    fn maintain(&mut self, now: Instant) {
        // Those that are refused once more have their next turn in another pass.
        let mut asked = 0;
        for _ in 0..PASSED_OVER.min(self.doubtful.len()) {
            if asked == DOUBTFUL {
                break;
            }
            let Some(key) = self.doubtful.pop_front() else { break };
            let is_to_be =
                |flight: &Flight| flight.refused || (flight.sent < self.lost && !self.is_last(flight.resent.into()));
            if !self.flights.get(key).is_some_and(is_to_be) {
                continue;
            }
            let source = self.source_of(key);
            if let Err(errno) = source
                && self.refused_since(key).is_some()
            {
                // As for one that starts now. Else it would be in line no more, and have no SYN although a way came back.
                self.departures.push((key, Err(errno)));
                continue;
            }
            let source = source.ok();
            if self.rate_of(key, source).is_some_and(|rate| rate.wait(now).is_some()) {
                self.doubtful.push_front(key);
                break;
            }
            self.ask_again(key, source);
            asked += 1;
        }
        // Before anybody else asks for the share of the rate that those don't need who are refused.
        self.send_all();
        if self.flights.len() == 0 && self.ports.len() > 0 {
            let since = *self.idle_since.get_or_insert(now);
            if now.since(since) >= self.rest() {
                self.ports.shrink_to(0);
                // With a filter of before nothing is lost but time.
                let _ = self.listen();
            }
        }
    }

    fn maintenance(&self) -> Option<Duration> {
        if !self.doubtful.is_empty() {
            return Some(SOON);
        }
        (self.flights.len() == 0 && self.ports.len() > 0).then(|| self.rest())
    }
}
