//! Handlers of due timers: deadlines, timers of probes, and next addresses of names.

use smallvec::SmallVec;

use super::Reactor;
use super::outcomes::rank;
use super::probes::PASS_DURATION;
use crate::instant::Instant;
use crate::keys::{CheckKey, ProbeKey};
use crate::reactor::ENTRIES_PER_PASS;
use crate::reactor::checks::{Attempt, Due, Target};
use crate::record::ResultRecord;
use crate::status::Status;
use crate::transport::{TimerOutcome, Verdict};

impl Reactor<'_> {
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
                Due::QueueDeadline => self.end_wait(key),
                Due::Probe(probe, at) => self.on_timer(key, probe, at),
                Due::NextAddress => self.try_next_address(key, now),
            }
            if now.elapsed() >= PASS_DURATION {
                return;
            }
        }
    }

    /// Tries the next address of a name before the last one has answered (RFC 8305).
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

    /// Ends a check that has reached its queue timeout. A failure of another address of its name is not reported, because
    /// the waiting address may be up.
    fn end_wait(&mut self, key: CheckKey) {
        self.fail(key, ResultRecord::new(0, Status::QueueTimeout));
    }

    pub(super) fn time_out(&mut self, key: CheckKey) {
        let check = &mut self.checks[key];
        let deadline = check.clock().deadline().unwrap_or_else(Instant::now);
        let left = check.leave_place();
        // No time is left for other addresses.
        if let Target::Name(name) = &mut check.target {
            name.addresses.clear();
        }
        if let Some(address) = left {
            self.wake_port_waiter(&address);
        }
        // An answer may have arrived just before the deadline, and its event not been read yet.
        for Attempt { key: probe, .. } in SmallVec::<[Attempt; 1]>::from_slice(self.checks[key].probes()) {
            match self.transport.verdict(probe, deadline) {
                Verdict::Pending | Verdict::GaveUp | Verdict::Doubtful | Verdict::Silent => {}
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
            self.checks[key].record_ack(ended.acknowledged);
            let check = &self.checks[key];
            record = self.unanswered(check.id, u32::from(check.resent) + ended.retransmits);
            record.set_address(&address);
        }
        let check = &self.checks[key];
        // Another address of the name may have failed with a higher rank than this timeout.
        if let Target::Name(name) = &check.target
            && let Some(failure) = name.failure
            && rank(&failure) > rank(&record)
        {
            record = failure;
        }
        check.stamp(&mut record, Instant::now());
        self.finish(key, record);
    }
}
