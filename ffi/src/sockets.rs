//! The socket transport: one TCP socket per probe.

mod idle;
mod pool;
pub mod probe;
pub mod probe_socket;
pub mod recent_tuples;
mod renewals;
mod retries;

use std::net::SocketAddr;
use std::time::Duration;

use rustix::io::Errno;

use crate::config::Config;
use crate::instant::Instant;
use crate::keys::ProbeKey;
use crate::sys::poller::{Poller, Ready};
use crate::transport::{
    Ended, Handshake, NotStarted, Probe, ProbeEvent, ProbeEvents, TimerOutcome, Transport, Verdict,
};
use pool::Pool;
use renewals::renewal;
use retries::Retries;

/// The socket transport.
pub struct Sockets {
    pool: Pool,
    config: Config,
    retries: Option<Retries>,
}

impl Sockets {
    /// `window` is the maximum number of sockets.
    pub fn new(window: usize, config: Config) -> Self {
        recent_tuples::count_ports();
        Self { pool: Pool::new(window, config), config, retries: config.syn_retries.map(Retries::new) }
    }

    /// Converts the verdict on a probe's last socket to the verdict on the probe.
    fn of_all_sockets(&self, key: ProbeKey, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Up(answer) => {
                let retransmits = u32::from(self.pool[key].resent) + answer.retransmits;
                Verdict::Up(Handshake { retransmits, ..answer })
            }
            // With a limit on SYNs the kernel gives up after the last permitted SYN: the probe timed out.
            Verdict::GaveUp if self.retries.is_some() => Verdict::Silent,
            verdict => verdict,
        }
    }
}

impl Transport for Sockets {
    fn start(&mut self, poller: &Poller, probe: Probe, half_open: bool) -> Result<ProbeKey, NotStarted> {
        let key = self.pool.lend(poller, probe, half_open)?;
        match self.pool.connect(key, &probe.address) {
            Ok(()) => Ok(key),
            // Without another probe of this target no port will be freed. A host without IPv6 has no source address,
            // and gives the same error.
            Err(Errno::ADDRNOTAVAIL | Errno::AGAIN) if self.pool.is_probing(&probe.address) => {
                recent_tuples::ports_are_few();
                Err(NotStarted::NoPort)
            }
            Err(errno) => Err(NotStarted::Failed(self.config.loss().unwrap_or(errno))),
        }
    }

    fn is_paced(&self, _address: &SocketAddr) -> bool {
        false
    }

    /// Does nothing, because `start()` sends the SYN.
    fn send(&mut self, _events: &mut ProbeEvents) {}

    fn receive(&mut self, ready: Option<Ready>, events: &mut ProbeEvents) {
        let Some(Ready { key, failed }) = ready else { return };
        let key = ProbeKey::from_epoll(key);
        // An idle socket has no probe, and reports its own disconnection.
        if self.probe(key).is_some() {
            let socket = &self.pool[key].socket;
            let verdict = if failed { probe::verdict(socket, true) } else { probe::connected(socket) };
            events.push((key, ProbeEvent::Verdict(self.of_all_sockets(key, verdict))));
        }
    }

    fn in_flight(&self) -> usize {
        self.pool.lent()
    }

    fn probe(&self, key: ProbeKey) -> Option<Probe> {
        self.pool.probe(key)
    }

    fn verdict(&self, key: ProbeKey, _deadline: Instant) -> Verdict {
        self.of_all_sockets(key, probe::verdict(&self.pool[key].socket, true))
    }

    fn end(&mut self, key: ProbeKey, verdict: Verdict) -> Ended {
        if matches!(verdict, Verdict::Pending | Verdict::Silent) {
            return self.pool.abort(key);
        }
        let entry = &self.pool[key];
        let is_asked_again = matches!(verdict, Verdict::GaveUp | Verdict::Doubtful);
        let retransmits = if is_asked_again { entry.retransmits() } else { 0 };
        let before = entry.acknowledged;
        if verdict.leaves_usable() {
            self.pool.release(key);
        } else {
            self.pool.close(key);
        }
        let at = Instant::now();
        Ended { at, acknowledged: before || verdict.held_ack().may_have_left(at), retransmits }
    }

    fn first_timer(&self, key: ProbeKey, started: Instant, deadline: Instant) -> Option<Instant> {
        let end = || self.retries.and_then(|retries| retries.end(deadline, 0, started));
        renewal(self.pool[key].socket.is_half_open(), deadline, started).or_else(end)
    }

    fn on_timer(&mut self, poller: &Poller, key: ProbeKey, _due: Instant, deadline: Instant) -> TimerOutcome {
        // The answer may have arrived, and its event not been read yet.
        match self.verdict(key, deadline) {
            Verdict::Pending => self.renew(poller, key, deadline),
            verdict => TimerOutcome::Over(verdict),
        }
    }

    fn maintain(&mut self, now: Instant) {
        self.pool.trim(now);
    }

    fn maintenance(&self) -> Option<Duration> {
        self.pool.next_trim()
    }
}
