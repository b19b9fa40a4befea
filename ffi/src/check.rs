//! A check: what was asked, what is left of its time, and which addresses it still has to try.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use smallvec::SmallVec;

use crate::keys::ProbeKey;
use crate::probe::Answer;
use crate::record::{Request, Resolve, ResultRecord, milliseconds};
use crate::resolver::Lookup;
use crate::status::Status;

/// A check that has no outcome yet.
pub struct Check {
    pub id: u32,
    pub half_open: bool,
    pub clock: Clock,
    pub target: Target,
    /// Its probes, oldest first.
    pub probes: SmallVec<[Attempt; 1]>,
    /// Whether it stands in the queue for a socket, or in a line for a port.
    pub queued: bool,
    /// Whether it was the first in a line for a port, and is to have the one that is free now.
    pub let_go: bool,
    /// SYNs sent by probes on which the kernel gave up.
    pub resent: u32,
}

/// A probe of one address.
#[derive(Clone, Copy)]
pub struct Attempt {
    pub key: ProbeKey,
    /// When it is to be looked after: its SYN is to be sent again, or it is given up.
    pub due: Option<Instant>,
}

/// What is probed.
pub enum Target {
    /// One address.
    Address(SocketAddr),
    /// The addresses of a name.
    Name(Box<Name>),
}

/// A name, and what has become of it.
#[derive(Default)]
pub struct Name {
    pub port: u16,
    pub resolve: Resolve,
    pub lookup: Option<Lookup>,
    /// How long resolution took.
    pub dns_time: Duration,
    /// Addresses not tried yet.
    pub addresses: VecDeque<SocketAddr>,
    /// When to try the next address, although the last one has not answered.
    pub next_attempt: Option<Instant>,
    /// The most telling failure so far.
    pub failure: Option<ResultRecord>,
}

impl Check {
    pub fn new(request: &Request<'_>, target: Target) -> Self {
        Self::begin(request.id, request.zero_linger, Clock::new(request.timeout), target)
    }

    /// A half-open check of one address.
    pub fn of_address(id: u32, timeout: Duration, address: SocketAddr) -> Self {
        Self::begin(id, true, Clock::new(timeout), Target::Address(address))
    }

    fn begin(id: u32, half_open: bool, clock: Clock, target: Target) -> Self {
        Self { id, half_open, clock, target, probes: SmallVec::new(), queued: false, let_go: false, resent: 0 }
    }

    /// Takes the next address to try.
    pub fn take_address(&mut self) -> Option<SocketAddr> {
        match &mut self.target {
            Target::Address(address) => Some(*address),
            Target::Name(name) => name.addresses.pop_front(),
        }
    }

    /// Puts an address back to be the next: it could not be tried.
    pub fn put_back(&mut self, address: SocketAddr) {
        if let Target::Name(name) = &mut self.target {
            name.addresses.push_front(address);
        }
    }

    /// Puts an address back to be the last.
    pub fn try_again(&mut self, address: SocketAddr) {
        if let Target::Name(name) = &mut self.target {
            name.addresses.push_back(address);
        }
    }

    /// A check of one more address of the same name, with the same id and as much time.
    pub fn sibling(&self, address: SocketAddr) -> Self {
        let dns_time = match &self.target {
            Target::Address(_) => Duration::ZERO,
            Target::Name(name) => name.dns_time,
        };
        let name = Name { dns_time, addresses: [address].into(), ..Name::default() };
        Self::begin(self.id, self.half_open, self.clock, Target::Name(Box::new(name)))
    }

    /// Whether a wake-up at this time still has a meaning.
    pub fn wakes_at(&self, at: Instant) -> bool {
        let next_attempt = match &self.target {
            Target::Address(_) => None,
            Target::Name(name) => name.next_attempt,
        };
        [self.clock.deadline(), next_attempt].contains(&Some(at))
            || self.probes.iter().any(|probe| probe.due == Some(at))
    }

    /// The probe that is to be looked after at this time, which is taken note of.
    pub fn take_due(&mut self, at: Instant) -> Option<ProbeKey> {
        let probe = self.probes.iter_mut().find(|probe| probe.due == Some(at))?;
        probe.due = None;
        Some(probe.key)
    }

    /// The result of a check of which one address answered.
    pub fn answered(&self, address: &SocketAddr, answer: Answer, now: Instant) -> ResultRecord {
        let mut record = ResultRecord::new(self.id, Status::Up);
        record.set_address(address);
        self.stamp(&mut record, now);
        // The kernel takes no sample of a SYN sent twice unless the peer has timestamps (Karn's algorithm).
        record.rtt = match answer.rtt_us {
            0 => record.duration - record.dns_time,
            us => milliseconds(Duration::from_micros(us.into())),
        };
        record.retransmits = self.resent + answer.retransmits;
        record.set_peer(&answer.peer);
        // Never pretend: the application may have seen it.
        record.full |= u8::from(answer.acknowledged);
        record
    }

    /// The result of a check of which one address failed.
    pub fn failed(&self, address: &SocketAddr, status: Status, errno: Errno, now: Instant) -> ResultRecord {
        let mut record = ResultRecord { code: errno.raw_os_error(), ..ResultRecord::new(self.id, status) };
        record.set_address(address);
        self.stamp(&mut record, now);
        record
    }

    /// Fills in the times of a result.
    pub fn stamp(&self, record: &mut ResultRecord, now: Instant) {
        record.duration = milliseconds(self.clock.elapsed(now));
        record.full = u8::from(!self.half_open);
        record.dns_time = match &self.target {
            Target::Address(_) => 0.0,
            // Still looking: all of the time went there.
            Target::Name(name) if name.lookup.is_some() => record.duration,
            Target::Name(name) => milliseconds(name.dns_time),
        };
    }
}

impl Name {
    pub fn new(request: &Request<'_>) -> Self {
        Self { port: request.port, resolve: request.resolve, ..Self::default() }
    }
}

/// A check's own time. It stands still while the check waits in our queues, which is no fault of the target's.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    timeout: Nanoseconds,
    state: State,
}

/// Half the size of a `Duration`, and enough for centuries.
type Nanoseconds = u64;

#[derive(Clone, Copy, Debug)]
enum State {
    Paused { left: Nanoseconds },
    Running { deadline: Instant },
}

impl Clock {
    pub fn new(timeout: Duration) -> Self {
        let timeout = timeout.as_nanos() as Nanoseconds;
        Self { timeout, state: State::Paused { left: timeout } }
    }

    /// Lets the time run; returns the deadline when it stood still.
    pub fn start(&mut self, now: Instant) -> Option<Instant> {
        let State::Paused { left } = self.state else { return None };
        let deadline = now + Duration::from_nanos(left);
        self.state = State::Running { deadline };
        Some(deadline)
    }

    /// Stops the time; returns whether it was running.
    pub fn pause(&mut self, now: Instant) -> bool {
        let State::Running { deadline } = self.state else { return false };
        self.state = State::Paused { left: deadline.saturating_duration_since(now).as_nanos() as Nanoseconds };
        true
    }

    /// The deadline, while the time runs.
    pub fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Running { deadline } => Some(deadline),
            State::Paused { .. } => None,
        }
    }

    /// The time allowed.
    pub fn timeout(&self) -> Duration {
        Duration::from_nanos(self.timeout)
    }

    /// The time used.
    pub fn elapsed(&self, now: Instant) -> Duration {
        match self.state {
            State::Paused { left } => Duration::from_nanos(self.timeout - left),
            State::Running { deadline } if now > deadline => self.timeout() + (now - deadline),
            State::Running { deadline } => self.timeout().saturating_sub(deadline - now),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn time_in_a_queue_is_not_counted() {
        let start = Instant::now();
        let mut clock = Clock::new(100 * MS);
        assert_eq!(clock.elapsed(start + 50 * MS), Duration::ZERO);
        assert_eq!(clock.start(start), Some(start + 100 * MS));
        assert_eq!(clock.start(start + 10 * MS), None);
        assert!(clock.pause(start + 30 * MS));
        assert!(!clock.pause(start + 40 * MS));
        assert_eq!(clock.deadline(), None);
        assert_eq!(clock.elapsed(start + 1000 * MS), 30 * MS);
        assert_eq!(clock.start(start + 1000 * MS), Some(start + 1070 * MS));
        assert_eq!(clock.elapsed(start + 1010 * MS), 40 * MS);
        assert_eq!(clock.elapsed(start + 1075 * MS), 105 * MS);
    }

    proptest! {
        /// The model adds up the time between a start and the pause after it.
        #[test]
        fn a_clock_counts_the_time_that_it_ran(
            timeout in 0..5000u32, steps in vec((any::<bool>(), 0..1000u32), 0..50),
        ) {
            let (timeout, mut now) = (timeout * MS, Instant::now());
            let mut clock = Clock::new(timeout);
            let (mut used, mut running) = (Duration::ZERO, false);
            for (start, ms) in steps {
                if start {
                    let started = clock.start(now);
                    prop_assert_eq!(started.is_some(), !running);
                    running = true;
                } else {
                    prop_assert_eq!(clock.pause(now), running);
                    // What was overdrawn when it was stopped is forgotten: the deadline had passed.
                    used = used.min(timeout);
                    running = false;
                }
                now += ms * MS;
                if running {
                    used += ms * MS;
                    prop_assert_eq!(clock.deadline().is_some_and(|deadline| deadline <= now), used >= timeout);
                } else {
                    prop_assert_eq!(clock.deadline(), None);
                }
                prop_assert_eq!(clock.elapsed(now), used);
            }
        }
    }
}
