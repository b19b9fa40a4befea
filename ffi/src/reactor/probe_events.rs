//! Handlers of the events that the transport reports for probes in flight.

use rustix::io::Errno;

use super::Reactor;
use crate::instant::Instant;
use crate::keys::ProbeKey;
use crate::sys::poller::Ready;
use crate::transport::{Ended, Probe, ProbeEvent, Verdict};

impl Reactor<'_> {
    /// Sends queued SYNs. Returns whether more checks may start.
    pub(super) fn send(&mut self) -> bool {
        self.transport.send(&mut self.events);
        self.on_probe_events()
    }

    /// Handles an event of the poller.
    pub(super) fn on_event(&mut self, ready: Ready) {
        self.transport.receive(Some(ready), &mut self.events);
        self.on_probe_events();
    }

    /// Handles the events that the transport has reported. Returns whether more checks may start: if a SYN could not be
    /// sent, its check may have another address, or have woken a waiter.
    pub(super) fn on_probe_events(&mut self) -> bool {
        let mut has_failed = false;
        let mut events = std::mem::take(&mut self.events);
        for (probe, event) in events.drain(..) {
            match event {
                ProbeEvent::Verdict(verdict) => self.on_verdict(probe, verdict),
                ProbeEvent::Blocked(since) => self.on_blocked(probe, since),
                ProbeEvent::Sent => self.on_sent(probe),
                ProbeEvent::NotSent(errno) => has_failed |= self.on_not_sent(probe, errno),
            }
        }
        self.events = events;
        has_failed
    }

    pub(super) fn on_verdict(&mut self, probe: ProbeKey, verdict: Verdict) {
        // A second answer of a probe that has ended.
        let Some(Probe { check: key, address }) = self.transport.probe(probe) else { return };
        if verdict == Verdict::Pending {
            return;
        }
        // Send the RST before anything else.
        let Ended { at, acknowledged, retransmits } = self.transport.end(probe, verdict);
        self.checks.end_probe(key, probe);
        self.checks[key].record_ack(acknowledged);
        match (verdict.outcome(), verdict) {
            (Some(Ok(answer)), _) => self.succeed(key, &address, answer, at),
            (Some(Err((status, errno))), _) => self.fail_address(key, &address, status, errno),
            (None, Verdict::Silent) => self.give_up(key, &address, retransmits),
            (None, _) => {
                let check = &mut self.checks[key];
                check.resent = check.resent.saturating_add(retransmits as u16 + 1);
                check.try_again(address);
                self.enqueue(key, Some(Instant::now()));
            }
        }
        self.wake_port_waiter(&address);
    }

    fn on_blocked(&mut self, probe: ProbeKey, since: Instant) {
        let Some(Probe { check: key, .. }) = self.transport.probe(probe) else { return };
        self.checks.block_probe(key, probe, since);
    }

    fn on_sent(&mut self, probe: ProbeKey) {
        let Some(Probe { check: key, .. }) = self.transport.probe(probe) else { return };
        let (transport, now) = (&self.transport, Instant::now());
        self.checks.unblock_probe(key, probe, now, |deadline| transport.first_timer(probe, now, deadline));
        self.queues.end_starvation();
    }

    /// Returns false if the probe has ended.
    fn on_not_sent(&mut self, probe: ProbeKey, errno: Errno) -> bool {
        let Some(Probe { check: key, address }) = self.transport.probe(probe) else { return false };
        self.transport.end(probe, Verdict::Pending);
        self.checks.end_probe(key, probe);
        self.fail_address(key, &address, self.status_of_local(key, errno), errno);
        self.wake_port_waiter(&address);
        true
    }
}
