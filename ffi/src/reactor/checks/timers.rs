//! The timers of a check: its deadlines, its probes', and the one for the next address of a name.
//!
//! Only [`CheckTable`](super::CheckTable) may change them, because it has an entry in its heap for the earliest.

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
    /// The check's time is up.
    Deadline,
    /// The check has waited in the queues for as long as it may.
    QueueDeadline,
    /// A probe's timer, and the time for which it was set.
    Probe(ProbeKey, Instant),
    /// The next address of a name must be tried, although the last one has not answered (RFC 8305).
    NextAddress,
}

impl Check {
    /// Its earliest timer: a deadline, the next address, or a probe's.
    pub(super) fn wake(&self) -> Option<Instant> {
        let next_attempt = match &self.target {
            Target::Address(_) => None,
            Target::Name(name) => name.stagger.next(),
        };
        let own = [self.clock.deadline(), self.queue_deadline(), next_attempt].into_iter();
        own.chain(self.probes.iter().map(Attempt::timer)).flatten().min()
    }

    /// The timer that is due at this time, which is the earliest.
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

    /// When it has waited for as long as it may, while it waits.
    fn queue_deadline(&self) -> Option<Instant> {
        self.clock.queue_deadline(self.accepted)
    }

    /// The time since which all of its probes have been blocked, if all are.
    pub fn blocked_since(&self) -> Option<Instant> {
        let mut since = self.probes.iter().map(Attempt::blocked_since);
        let first = since.next()??;
        since.try_fold(first, |earliest, since| Some(earliest.min(since?)))
    }

    /// Starts the clock, unless it runs.
    pub(super) fn start_clock(&mut self, now: Instant) {
        self.clock.start(now);
    }

    /// Stops the clock at `now`, because the check waits in a queue. The next attempt then counts from its start.
    pub(super) fn wait(&mut self, now: Instant) {
        self.clock.pause(now);
        if let Target::Name(name) = &mut self.target {
            name.stagger.restart();
        }
    }

    /// Adds a probe that started at `at`. `first_timer` gives its timer by the deadline.
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
            // The SYN left after `at`.
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
        // Time in which no SYN of the check was out does not count. With another probe in flight, it does.
        if let Some(since) = self.blocked_since() {
            self.clock.pause(since);
        }
        self.end_probe(probe);
        self.start_probe(probe, at, first_timer);
    }

    /// Gives a probe another key and timer.
    pub(super) fn replace_probe(&mut self, old: ProbeKey, fresh: Attempt) {
        if let Some(attempt) = self.probes.iter_mut().find(|attempt| attempt.key == old) {
            *attempt = fresh;
        }
    }

    pub(super) fn end_probe(&mut self, probe: ProbeKey) {
        self.probes.retain(|attempt| attempt.key != probe);
    }

    /// Takes the timer of a name's next address. Returns whether there is one.
    pub(super) fn take_next_address(&mut self, now: Instant) -> bool {
        let Target::Name(name) = &mut self.target else { return false };
        let deadline = self.clock.deadline().unwrap_or(now);
        let answer_time = name.stagger.fall_due(deadline, name.addresses.len());
        if let Some(answer_time) = answer_time {
            self.allow(answer_time, now);
        }
        answer_time.is_some()
    }

    /// Puts the deadline off, so that the answer to an attempt that starts late still has its time: the lateness is the
    /// engine's.
    fn allow(&mut self, answer_time: Duration, now: Instant) {
        let end = now + answer_time;
        // Later the kernel would send the SYNs of earlier attempts again.
        if end.since(self.accepted) < SYN_AGAIN {
            self.clock.put_off(end);
        }
    }
}
