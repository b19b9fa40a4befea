//! The timers of a check: its deadlines, the timers of its probes, and the timer of the next address of a name.
//!
//! Only [`CheckTable`](super::CheckTable) may change them, because its heap has an entry for the earliest timer.

use std::time::Duration;

use super::attempt::Attempt;
use super::check::Check;
use super::target::Target;
use crate::instant::Instant;
use crate::keys::ProbeKey;
use crate::transport::SYN_AGAIN;

/// A timer that is due.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Due {
    /// The timeout of the check.
    Deadline,
    /// The queue timeout of the check.
    QueueDeadline,
    /// The timer of a probe, and the time for which it was set.
    Probe(ProbeKey, Instant),
    /// The attempt to the next address of a name, before the last one has answered (RFC 8305).
    NextAddress,
}

impl Check {
    /// The time of the earliest timer.
    pub(super) fn wake(&self) -> Option<Instant> {
        let next_attempt = match &self.target {
            Target::Address(_) => None,
            Target::Name(name) => name.stagger.next(),
        };
        let own = [self.clock.deadline(), self.queue_deadline(), next_attempt].into_iter();
        own.chain(self.probes.iter().map(Attempt::timer)).flatten().min()
    }

    /// The timer that is due at `at`, the time of the earliest timer.
    pub(super) fn due(&self, at: Instant) -> Due {
        if self.clock.deadline() == Some(at) {
            return Due::Deadline;
        }
        if self.queue_deadline() == Some(at) {
            return Due::QueueDeadline;
        }
        let probe = self.probes.iter().find(|probe| probe.timer() == Some(at));
        probe.map_or(Due::NextAddress, |probe| Due::Probe(probe.key, at))
    }

    /// When the queue timeout of a waiting check expires.
    fn queue_deadline(&self) -> Option<Instant> {
        self.clock.queue_deadline(self.accepted)
    }

    /// If all probes are blocked, the earliest time since which one is.
    pub fn blocked_since(&self) -> Option<Instant> {
        let mut since = self.probes.iter().map(Attempt::blocked_since);
        let first = since.next()??;
        since.try_fold(first, |earliest, since| Some(earliest.min(since?)))
    }

    /// Starts the clock, unless the clock runs.
    pub(super) fn start_clock(&mut self, now: Instant) {
        self.clock.start(now);
    }

    /// Stops the clock at `now`, because the check waits in a queue. Restarts the schedule of attempts.
    pub(super) fn pause_clock(&mut self, now: Instant) {
        self.clock.pause(now);
        if let Target::Name(name) = &mut self.target {
            name.stagger.restart();
        }
    }

    /// Adds a probe that started at `at`. `first_timer` computes its timer from the deadline.
    pub(super) fn start_probe(
        &mut self,
        probe: ProbeKey,
        at: Instant,
        first_timer: impl FnOnce(Instant) -> Option<Instant>,
    ) {
        self.clock.start(at);
        let deadline = self.clock.deadline();
        self.probes.push(Attempt::new(probe, deadline.and_then(first_timer)));
        if let Target::Name(name) = &mut self.target
            && let Some(deadline) = deadline
            && let Some(answer_time) = name.stagger.start(at, deadline, name.addresses.len())
        {
            // The SYN was sent after `at`.
            self.allow(answer_time, Instant::now());
        }
    }

    /// Records that the first SYN of a probe is blocked.
    pub(super) fn block_probe(&mut self, probe: ProbeKey, since: Instant) {
        if let Some(attempt) = self.probes.iter_mut().find(|attempt| attempt.key == probe) {
            attempt.block(since);
        }
    }

    /// Restarts a blocked probe whose SYN was sent at `at`.
    pub(super) fn unblock_probe(
        &mut self,
        probe: ProbeKey,
        at: Instant,
        first_timer: impl FnOnce(Instant) -> Option<Instant>,
    ) {
        // The time in which all SYNs of the check were blocked does not count.
        if let Some(since) = self.blocked_since() {
            self.clock.pause(since);
        }
        self.end_probe(probe);
        self.start_probe(probe, at, first_timer);
    }

    /// Replaces the key and the timer of a probe.
    pub(super) fn replace_probe(&mut self, old: ProbeKey, fresh: Attempt) {
        if let Some(attempt) = self.probes.iter_mut().find(|attempt| attempt.key == old) {
            *attempt = fresh;
        }
    }

    pub(super) fn end_probe(&mut self, probe: ProbeKey) {
        self.probes.retain(|attempt| attempt.key != probe);
    }

    /// Takes the timer of a name's next address. Returns whether an address is left.
    pub(super) fn take_next_address(&mut self, now: Instant) -> bool {
        let Target::Name(name) = &mut self.target else { return false };
        let deadline = self.clock.deadline().unwrap_or(now);
        let answer_time = name.stagger.fall_due(deadline, name.addresses.len());
        if let Some(answer_time) = answer_time {
            self.allow(answer_time, now);
        }
        answer_time.is_some()
    }

    /// Postpones the deadline, so that the answer to an attempt that the engine started late has its scheduled time.
    fn allow(&mut self, answer_time: Duration, now: Instant) {
        let end = now + answer_time;
        // From then on the kernel would retransmit the SYNs of earlier attempts.
        if end.since(self.accepted) < SYN_AGAIN {
            self.clock.postpone(end);
        }
    }
}
