//! The socket pool as a transport: one socket for each probe.

use std::net::SocketAddr;
use std::time::Duration;

use rustix::io::Errno;

use super::probe;
use super::renewals::renewal;
use super::{Entry, Sockets, TRIM_INTERVAL, TRIMMED};
use crate::instant::Instant;
use crate::keys::ProbeKey;
use crate::sys;
use crate::sys::poller::{Poller, Ready};
use crate::transport::{
    Ended, Handshake, NotStarted, Probe, ProbeEvent, ProbeEvents, TimerOutcome, Transport, Verdict,
};

impl Transport for Sockets {
    fn start(&mut self, poller: &Poller, probe: Probe, half_open: bool) -> Result<ProbeKey, NotStarted> {
        let address = probe.address;
        let socket = self.lend(poller, probe, half_open)?;
        sys::connect(self.fd(socket), &address).map_err(|errno| {
            self.close(socket);
            match errno {
                // Without a probe to this target, no port will be freed: a host without IPv6, which has no source
                // address, gives the same error.
                Errno::ADDRNOTAVAIL | Errno::AGAIN if self.is_probing(&address) => NotStarted::NoPort,
                _ => NotStarted::Failed(self.config.loss().unwrap_or(errno)),
            }
        })?;
        Ok(socket)
    }

    fn is_paced(&self, _address: &SocketAddr) -> bool {
        false
    }

    /// `start()` has sent them.
    fn send(&mut self, _events: &mut ProbeEvents) {}

    fn receive(&mut self, ready: Option<Ready>, events: &mut ProbeEvents) {
        let Some(Ready { key, failed }) = ready else { return };
        let key = ProbeKey::from_epoll(key);
        // An idle socket reports its disconnection, which concerns no probe.
        if self.probe(key).is_some() {
            let socket = &self.all[key].socket;
            let verdict = if failed { probe::verdict(socket, true) } else { probe::connected(socket) };
            events.push((key, ProbeEvent::Verdict(self.of_all_sockets(key, verdict))));
        }
    }

    fn in_flight(&self) -> usize {
        self.all.len() - self.idle()
    }

    fn probe(&self, key: ProbeKey) -> Option<Probe> {
        self.all.get(key)?.probe.map(Probe::from)
    }

    fn verdict(&self, key: ProbeKey, _deadline: Instant) -> Verdict {
        self.of_all_sockets(key, probe::verdict(&self.all[key].socket, true))
    }

    fn end(&mut self, key: ProbeKey, verdict: Verdict) -> Ended {
        if matches!(verdict, Verdict::Pending | Verdict::Silent) {
            return self.abort(key);
        }
        let retransmits = if verdict == Verdict::GaveUp { self.retransmits(key) } else { 0 };
        let before = self.all[key].acknowledged;
        if verdict.leaves_usable() {
            self.release(key);
        } else {
            self.close(key);
        }
        let at = Instant::now();
        Ended { at, acknowledged: before || verdict.held_ack().may_have_left(at), retransmits }
    }

    fn first_timer(&self, key: ProbeKey, started: Instant, deadline: Instant) -> Option<Instant> {
        let end = || self.retries.and_then(|retries| retries.end(deadline, 0, started));
        renewal(self.all[key].socket.is_half_open(), deadline, started).or_else(end)
    }

    fn on_timer(&mut self, poller: &Poller, key: ProbeKey, _due: Instant, deadline: Instant) -> TimerOutcome {
        // Its answer may have arrived, with the event not read yet.
        match self.verdict(key, deadline) {
            Verdict::Pending => self.renew(poller, key, deadline),
            verdict => TimerOutcome::Over(verdict),
        }
    }

    /// Closes sockets that were idle for a while, so that the host program gets its descriptors back after a burst.
    fn maintain(&mut self, now: Instant) {
        if now.since(self.trimmed) >= TRIM_INTERVAL {
            self.trimmed = now;
            self.idle_v4.age();
            self.idle_v6.age();
        }
        let Self { all, idle_v4, idle_v6, .. } = self;
        for key in idle_v4.take_spare(TRIMMED).chain(idle_v6.take_spare(TRIMMED)) {
            all.remove(key);
        }
    }

    fn maintenance(&self) -> Option<Duration> {
        if self.idle_v4.spare + self.idle_v6.spare > 0 {
            return Some(Duration::ZERO);
        }
        (self.idle() > 0).then_some(TRIM_INTERVAL)
    }
}

impl Sockets {
    fn resent_before(&self, key: ProbeKey) -> u32 {
        self.all[key].resent.into()
    }

    /// SYN retransmissions of a probe in flight.
    pub(super) fn retransmits(&self, key: ProbeKey) -> u32 {
        self.resent_before(key) + probe::retransmits(self.fd(key))
    }

    /// Ends a probe that has no answer, by closing its socket.
    pub(super) fn abort(&mut self, key: ProbeKey) -> Ended {
        let Some(Entry { socket, resent, acknowledged, .. }) = self.all.remove(key) else {
            return Ended { at: Instant::now(), acknowledged: false, retransmits: 0 };
        };
        let Ended { at, acknowledged: last, retransmits } = socket.abort();
        Ended { at, acknowledged: acknowledged || last, retransmits: u32::from(resent) + retransmits }
    }

    /// The verdict on a probe, given that of its last socket.
    fn of_all_sockets(&self, key: ProbeKey, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Up(answer) => {
                Verdict::Up(Handshake { retransmits: self.resent_before(key) + answer.retransmits, ..answer })
            }
            // With a limit of SYNs the kernel has sent as many as it allows.
            Verdict::GaveUp if self.retries.is_some() => Verdict::Silent,
            verdict => verdict,
        }
    }
}
