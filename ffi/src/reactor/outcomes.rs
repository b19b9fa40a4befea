//! Outcomes of checks, from events and timers.

use std::net::SocketAddr;

use rustix::io::Errno;
use smallvec::SmallVec;

use super::probes::PASS_DURATION;
use super::{ENTRIES_PER_PASS, Reactor};
use crate::instant::Instant;
use crate::keys::{CheckKey, ProbeKey};
use crate::reactor::checks::{Attempt, Check, Due, Target};
use crate::record::ResultRecord;
use crate::status::Status;
use crate::sys::poller::Ready;
use crate::transport::{Ended, Handshake, Probe, ProbeEvent, TimerOutcome, Verdict};

impl Reactor<'_> {
    pub(super) fn on_event(&mut self, ready: Ready) {
        self.transport.receive(Some(ready), &mut self.events);
        self.on_probe_events();
    }

    /// Handles the events that the transport has reported. Returns whether more checks may start, because a SYN could not
    /// be sent: its check may have another address, or have woken a waiter.
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

    fn on_verdict(&mut self, probe: ProbeKey, verdict: Verdict) {
        // A probe that has ended may have a second answer.
        let Some(Probe { check: key, address }) = self.transport.probe(probe) else { return };
        if verdict == Verdict::Pending {
            return;
        }
        // Send the RST before anything else.
        let Ended { at, acknowledged, retransmits } = self.transport.end(probe, verdict);
        self.checks.end_probe(key, probe);
        self.checks[key].note(acknowledged);
        match (verdict.outcome(), verdict) {
            (Some(Ok(answer)), _) => self.up(key, &address, answer, at),
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

    fn up(&mut self, key: CheckKey, address: &SocketAddr, answer: Handshake, at: Instant) {
        let record = self.checks[key].answered(address, answer, at);
        self.finish(key, record);
    }

    /// Records the failure of one address. The check goes on while it has others.
    pub(super) fn fail_address(&mut self, key: CheckKey, address: &SocketAddr, status: Status, errno: Errno) {
        let now = Instant::now();
        let record = self.checks[key].failed(address, status, errno, now);
        self.end_address(key, record, now);
    }

    /// Records the timeout of one address to which all allowed SYNs were sent.
    fn give_up(&mut self, key: CheckKey, address: &SocketAddr, retransmits: u32) {
        let check = &self.checks[key];
        let mut record = self.silence(check.id, retransmits);
        let now = Instant::now();
        record.set_address(address);
        check.stamp(&mut record, now);
        self.end_address(key, record, now);
    }

    fn end_address(&mut self, key: CheckKey, record: ResultRecord, now: Instant) {
        let check = &mut self.checks[key];
        let has_probes = !check.probes().is_empty();
        let Target::Name(name) = &mut check.target else { return self.finish(key, record) };
        let heavier = |best: &ResultRecord| weight(best) >= weight(&record);
        if !name.failure.as_ref().is_some_and(heavier) {
            name.failure = Some(record);
        }
        if !name.addresses.is_empty() {
            self.enqueue(key, Some(now));
        } else if !has_probes {
            let mut record = name.failure.unwrap_or(record);
            check.stamp(&mut record, now);
            self.finish(key, record);
        }
    }

    /// Ends a check that has no address to report.
    pub(super) fn fail(&mut self, key: CheckKey, mut record: ResultRecord) {
        let check = &self.checks[key];
        record.id = check.id;
        check.stamp(&mut record, Instant::now());
        self.finish(key, record);
    }

    pub(super) fn on_deadlines(&mut self, now: Instant) {
        if self.checks.next_timer().is_some_and(|at| at <= now) {
            self.transport.receive(None, &mut self.events);
            self.on_probe_events();
        }
        for _ in 0..ENTRIES_PER_PASS {
            let Some(due) = self.checks.pop_due(now) else { return };
            let Some((key, due)) = due else { continue };
            match due {
                Due::Deadline => self.time_out(key),
                Due::Probe(probe, at) => self.on_timer(key, probe, at),
                Due::NextAddress => self.try_next_address(key, now),
            }
            if now.elapsed() >= PASS_DURATION {
                return;
            }
        }
    }

    /// Tries the next address of a name although the last one has not answered (RFC 8305).
    pub(super) fn try_next_address(&mut self, key: CheckKey, now: Instant) {
        if self.checks.take_next_address(key, now) {
            self.enqueue(key, Some(now));
        }
    }

    pub(super) fn on_timer(&mut self, key: CheckKey, probe: ProbeKey, due: Instant) {
        let deadline = self.checks[key].clock().deadline().unwrap_or_else(Instant::now);
        match self.transport.on_timer(&self.poller, probe, due, deadline) {
            TimerOutcome::Over(verdict) => self.on_verdict(probe, verdict),
            TimerOutcome::GoesOn { key: fresh, timer } => {
                self.checks.replace_probe(key, probe, Attempt::new(fresh, timer));
            }
        }
    }

    pub(super) fn time_out(&mut self, key: CheckKey) {
        let check = &mut self.checks[key];
        let deadline = check.clock().deadline().unwrap_or_else(Instant::now);
        let left = check.leave_place();
        // There is no time left for other addresses.
        if let Target::Name(name) = &mut check.target {
            name.addresses.clear();
        }
        if let Some(address) = left {
            self.wake_port_waiter(&address);
        }
        // An answer may have arrived just before the deadline, with its event not read yet.
        for Attempt { key: probe, .. } in SmallVec::<[Attempt; 1]>::from_slice(self.checks[key].probes()) {
            match self.transport.verdict(probe, deadline) {
                Verdict::Pending | Verdict::GaveUp | Verdict::Silent => {}
                verdict => self.on_verdict(probe, verdict),
            }
            if !self.checks.contains(key) {
                return;
            }
        }
        let mut record = ResultRecord::new(self.checks[key].id, Status::ResolveTimeout);
        let oldest = self.checks[key].probes().first().map(|attempt| attempt.key);
        if let Some(probe) = oldest
            && let Some((address, ended)) = self.end_unanswered(probe)
        {
            self.checks.end_probe(key, probe);
            self.checks[key].note(ended.acknowledged);
            let check = &self.checks[key];
            record = self.silence(check.id, u32::from(check.resent) + ended.retransmits);
            record.set_address(&address);
        }
        let check = &self.checks[key];
        // Another address of the name may have failed with a higher weight than this timeout.
        if let Target::Name(name) = &check.target
            && let Some(failure) = name.failure
            && weight(&failure) > weight(&record)
        {
            record = failure;
        }
        check.stamp(&mut record, Instant::now());
        self.finish(key, record);
    }

    /// The result without an answer: a timeout, or a local error if the source or interface has disappeared.
    fn silence(&self, id: u32, retransmits: u32) -> ResultRecord {
        match self.config.loss() {
            Some(errno) => ResultRecord { code: errno.raw_os_error(), ..ResultRecord::new(id, Status::LocalError) },
            None => ResultRecord { retransmits, ..ResultRecord::new(id, Status::Timeout) },
        }
    }

    pub(super) fn finish(&mut self, key: CheckKey, mut record: ResultRecord) {
        let Some((check, has_others)) = self.checks.remove(key) else { return };
        record.more = has_others.into();
        record.full |= u8::from(self.abandon(check));
        self.push_result(record);
    }

    /// Releases a removed check's probes and place in the queues. Returns whether an ACK of one of its probes
    /// may have left.
    pub(super) fn abandon(&mut self, mut check: Check) -> bool {
        if let Some(address) = check.leave_place() {
            self.wake_port_waiter(&address);
        }
        let mut acknowledged = false;
        for attempt in check.probes() {
            acknowledged |= self.end_unanswered(attempt.key).is_some_and(|(_, ended)| ended.acknowledged);
        }
        acknowledged
    }

    /// Ends a probe that has no answer. Returns its address.
    fn end_unanswered(&mut self, probe: ProbeKey) -> Option<(SocketAddr, Ended)> {
        let Probe { address, .. } = self.transport.probe(probe)?;
        let ended = self.transport.end(probe, Verdict::Pending);
        self.wake_port_waiter(&address);
        Some((address, ended))
    }
}

fn weight(record: &ResultRecord) -> u8 {
    Status::from_code(record.status).map_or(0, |status| status.weight(record.code))
}
