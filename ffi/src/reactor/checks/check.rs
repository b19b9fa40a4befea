//! A check: the request, its clock, and the addresses still to be tried.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use rustix::io::Errno;
use smallvec::SmallVec;

use super::attempt::Attempt;

use crate::address::CompactAddr;
use crate::instant::Instant;
use crate::keys::ProbeKey;
use crate::reactor::stagger::Stagger;
use crate::record::{Request, Resolve, ResultRecord, milliseconds};
use crate::status::Status;
use crate::transport::{Handshake, SYN_AGAIN};

/// A pending check.
pub struct Check {
    pub id: u32,
    pub handshake: HandshakeKind,
    pub clock: Clock,
    /// When it was accepted. The time since then in which its clock stood still is its time in the engine's queues.
    pub accepted: Instant,
    pub target: Target,
    /// Its probes, oldest first.
    pub probes: SmallVec<[Attempt; 1]>,
    pub place: Place,
    /// SYNs of probes on which the kernel gave up.
    pub resent: u16,
}

/// The kind of handshake that a check makes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HandshakeKind {
    /// SYN, SYN-ACK, RST.
    HalfOpen,
    /// SYN, SYN-ACK, RST, but an ACK may have left before the RST.
    Acknowledged,
    /// SYN, SYN-ACK, ACK: a complete handshake.
    Full,
}

/// The place in the queues of a check that has an address to try.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Place {
    /// In no queue: it has no address to try, or is being tried.
    #[default]
    Nowhere,
    /// In the queue for a socket, or among the waiters for a port.
    Queued,
    /// In the queue, after it was the first waiter for a port: the port that is free now is its.
    Woken,
}

/// The target of a check.
pub enum Target {
    /// One address.
    Address(CompactAddr),
    /// The addresses of a name.
    Name(Box<Name>),
}

/// A name, with the state of its lookup and of its addresses.
#[derive(Default)]
pub struct Name {
    pub port: u16,
    pub resolve: Resolve,
    /// Whether its lookup is in progress.
    pub is_looked_up: bool,
    /// How long resolution took.
    pub dns_time: Duration,
    /// Addresses not tried yet.
    pub addresses: VecDeque<SocketAddr>,
    /// When to try them.
    pub stagger: Stagger,
    /// The failure with the highest weight so far.
    pub failure: Option<ResultRecord>,
}

impl Check {
    pub fn new(request: &Request<'_>, target: Target, accepted: Instant) -> Self {
        let handshake = if request.zero_linger { HandshakeKind::HalfOpen } else { HandshakeKind::Full };
        Self::begin(request.id, handshake, Clock::new(request.timeout), target, accepted)
    }

    /// A half-open check of one address.
    pub fn of_address(id: u32, timeout: Duration, address: SocketAddr, accepted: Instant) -> Self {
        Self::begin(id, HandshakeKind::HalfOpen, Clock::new(timeout), Target::Address(address.into()), accepted)
    }

    fn begin(id: u32, handshake: HandshakeKind, clock: Clock, target: Target, accepted: Instant) -> Self {
        Self { id, handshake, clock, accepted, target, probes: SmallVec::new(), place: Place::default(), resent: 0 }
    }

    /// Records that an ACK of one of its probes may have left. The result has it whatever its status, because the
    /// application may have seen that connection.
    pub fn note(&mut self, acknowledged: bool) {
        if acknowledged && self.handshake == HandshakeKind::HalfOpen {
            self.handshake = HandshakeKind::Acknowledged;
        }
    }

    /// Takes the next address to try.
    pub fn take_address(&mut self) -> Option<SocketAddr> {
        match &mut self.target {
            Target::Address(address) => Some((*address).into()),
            Target::Name(name) => name.addresses.pop_front(),
        }
    }

    /// Puts an address back at the front: it could not be tried.
    pub fn put_back(&mut self, address: SocketAddr) {
        if let Target::Name(name) = &mut self.target {
            name.addresses.push_front(address);
        }
    }

    /// Puts an address back at the end.
    pub fn try_again(&mut self, address: SocketAddr) {
        if let Target::Name(name) = &mut self.target {
            name.addresses.push_back(address);
        }
    }

    /// Moves the first `count` addresses to the end.
    pub fn put_off(&mut self, count: usize) {
        if let Target::Name(name) = &mut self.target {
            name.addresses.rotate_left(count);
        }
    }

    /// A check of one more address of the same name, with the same id and as much time.
    pub fn sibling(&self, address: SocketAddr) -> Self {
        let dns_time = match &self.target {
            Target::Address(_) => Duration::ZERO,
            Target::Name(name) => name.dns_time,
        };
        let name = Name { dns_time, addresses: [address].into(), ..Name::default() };
        Self::begin(self.id, self.handshake, self.clock, Target::Name(Box::new(name)), self.accepted)
    }

    /// Its earliest timer: the deadline, the next address, or a probe's.
    pub fn wake(&self) -> Option<Instant> {
        let next_attempt = match &self.target {
            Target::Address(_) => None,
            Target::Name(name) => name.stagger.next(),
        };
        let own = [self.clock.deadline(), next_attempt].into_iter();
        own.chain(self.probes.iter().map(Attempt::timer)).flatten().min()
    }

    /// The probe whose timer is at this time.
    pub fn probe_with_timer(&self, at: Instant) -> Option<ProbeKey> {
        self.probes.iter().find(|probe| probe.timer() == Some(at)).map(|probe| probe.key)
    }

    /// The time since which all of its probes have been blocked, if all are.
    pub fn blocked_since(&self) -> Option<Instant> {
        let mut since = self.probes.iter().map(Attempt::blocked_since);
        let first = since.next()??;
        since.try_fold(first, |earliest, since| Some(earliest.min(since?)))
    }

    /// Puts the deadline off, so that the answer to an attempt that starts late still has its time: the lateness is the
    /// engine's.
    pub fn allow(&mut self, answer_time: Duration, now: Instant) {
        let end = now + answer_time;
        // Later the kernel would send the SYNs of earlier attempts again.
        if end.since(self.accepted) < SYN_AGAIN {
            self.clock.put_off(end);
        }
    }

    /// The result of a check of which one address answered.
    pub fn answered(&self, address: &SocketAddr, answer: Handshake, now: Instant) -> ResultRecord {
        let mut record = ResultRecord::new(self.id, Status::Up);
        record.set_address(address);
        self.stamp(&mut record, now);
        let whole = record.duration - record.dns_time;
        let sample = milliseconds(Duration::from_micros(answer.rtt_us.into()));
        // The kernel takes no sample of a SYN sent twice unless the peer has timestamps (Karn's algorithm). And ours is none
        // if the system's clock was set meanwhile, or the peer's timestamps are not what it had from us.
        record.rtt = if answer.rtt_us == 0 || sample > whole { whole } else { sample };
        record.retransmits = u32::from(self.resent) + answer.retransmits;
        record.set_peer(&answer.peer);
        record
    }

    /// Leaves its place in the queues. Returns the address for whose port it was woken, if it was: the next waiter may
    /// have that port.
    pub fn leave_place(&mut self) -> Option<SocketAddr> {
        let was_woken = std::mem::take(&mut self.place) == Place::Woken;
        self.next_address().filter(|_| was_woken)
    }

    /// The next address to try.
    pub fn next_address(&self) -> Option<SocketAddr> {
        self.address_after(0)
    }

    /// The address to try after `others` others.
    pub fn address_after(&self, others: usize) -> Option<SocketAddr> {
        match &self.target {
            Target::Address(address) => (others == 0).then(|| (*address).into()),
            Target::Name(name) => name.addresses.get(others).copied(),
        }
    }

    /// The result of a check of which one address failed.
    pub fn failed(&self, address: &SocketAddr, status: Status, errno: Errno, now: Instant) -> ResultRecord {
        let mut record = ResultRecord { code: errno.raw_os_error(), ..ResultRecord::new(self.id, status) };
        record.set_address(address);
        self.stamp(&mut record, now);
        record
    }

    /// Sets the times of a result.
    pub fn stamp(&self, record: &mut ResultRecord, now: Instant) {
        let elapsed = self.clock.elapsed(now);
        record.duration = milliseconds(elapsed);
        record.queue_time = milliseconds(now.since(self.accepted).saturating_sub(elapsed));
        record.full = u8::from(self.handshake != HandshakeKind::HalfOpen);
        record.dns_time = match &self.target {
            Target::Address(_) => 0.0,
            // The lookup is still in progress: all the time went into it.
            Target::Name(name) if name.is_looked_up => record.duration,
            Target::Name(name) => milliseconds(name.dns_time),
        };
    }
}

impl Name {
    pub fn new(request: &Request<'_>) -> Self {
        Self { port: request.port, resolve: request.resolve, ..Self::default() }
    }
}

/// The stopwatch of a check. It stands still while the check waits in the engine's queues, because the target is not
/// the reason for that wait.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    timeout: Nanoseconds,
    /// The deadline while it runs, which is above 0; what is left while it stands still, negated. (As an enum it would take
    /// half as much again.)
    state: i64,
}

/// Half the size of a `Duration`, and enough for centuries.
type Nanoseconds = u64;

impl Clock {
    pub fn new(timeout: Duration) -> Self {
        let timeout = timeout.as_nanos() as Nanoseconds;
        Self { timeout, state: -(timeout as i64) }
    }

    /// Starts the clock, unless it runs.
    pub fn start(&mut self, now: Instant) {
        if self.state <= 0 {
            self.state = (now + Duration::from_nanos(self.state.unsigned_abs())).as_nanos() as i64;
        }
    }

    /// Stops the clock at `now`, which may lie before its last start: no more time is left than before.
    pub fn pause(&mut self, now: Instant) {
        if let Some(deadline) = self.deadline() {
            self.state = -(deadline.since(now).min(self.timeout()).as_nanos() as i64);
        }
    }

    /// Puts the deadline off until at least `at`, if the clock runs. The time gained counts as time in a queue.
    pub fn put_off(&mut self, at: Instant) {
        if self.deadline().is_some_and(|deadline| deadline < at) {
            self.state = at.as_nanos() as i64;
        }
    }

    /// The deadline, while the clock runs.
    pub fn deadline(&self) -> Option<Instant> {
        (self.state > 0).then(|| Instant::from_nanos(self.state as u64))
    }

    /// The time allowed.
    pub fn timeout(&self) -> Duration {
        Duration::from_nanos(self.timeout)
    }

    /// The time used.
    pub fn elapsed(&self, now: Instant) -> Duration {
        match self.deadline() {
            None => Duration::from_nanos(self.timeout - self.state.unsigned_abs()),
            Some(deadline) if now > deadline => self.timeout() + now.since(deadline),
            Some(deadline) => self.timeout().saturating_sub(deadline.since(now)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::sys::Peer;
    use crate::transport::HeldAck;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_million_checks_fit_into_80_megabytes() {
        assert_eq!(size_of::<Check>(), 80);
    }

    #[test]
    fn a_round_trip_is_not_longer_than_its_check() {
        let start = Instant::now();
        let address = SocketAddr::from(([192, 0, 2, 1], 80));
        let mut check = Check::of_address(1, 100 * MS, address, start);
        check.clock.start(start);
        for (sample, told) in [(0, 5.0), (4000, 4.0), (5000, 5.0), (5001, 5.0), (u32::MAX, 5.0)] {
            let peer = Peer { options: 0, window_scale: 0, mss: 0, window: None };
            let answer = Handshake { rtt_us: sample, retransmits: 0, ack: HeldAck::Never, peer };
            assert_eq!(check.answered(&address, answer, start + 5 * MS).rtt, told, "{sample}");
        }
    }

    #[test]
    fn time_in_a_queue_is_reported_beside_the_duration() {
        let start = Instant::now();
        let address = SocketAddr::from(([192, 0, 2, 1], 80));
        let mut check = Check::of_address(1, 100 * MS, address, start);
        check.clock.start(start + 30 * MS);
        check.clock.pause(start + 40 * MS);
        check.clock.start(start + 60 * MS);
        let record = check.failed(&address, Status::Refused, Errno::CONNREFUSED, start + 65 * MS);
        assert_eq!((record.queue_time, record.duration), (50.0, 15.0));
    }

    #[test]
    fn time_in_a_queue_is_not_counted() {
        let start = Instant::now();
        let mut clock = Clock::new(100 * MS);
        assert_eq!(clock.elapsed(start + 50 * MS), Duration::ZERO);
        for later in [0, 10] {
            clock.start(start + later * MS);
            assert_eq!(clock.deadline(), Some(start + 100 * MS));
        }
        for later in [30, 40] {
            clock.pause(start + later * MS);
            assert_eq!(clock.deadline(), None);
        }
        assert_eq!(clock.elapsed(start + 1000 * MS), 30 * MS);
        clock.start(start + 1000 * MS);
        assert_eq!(clock.deadline(), Some(start + 1070 * MS));
        assert_eq!(clock.elapsed(start + 1010 * MS), 40 * MS);
        assert_eq!(clock.elapsed(start + 1075 * MS), 105 * MS);
    }

    proptest! {
        /// The model adds up the time between a start and the pause after it.
        #[test]
        fn a_clock_counts_the_time_that_it_ran(
            timeout in 0..5_000_000u64, steps in vec((any::<bool>(), 0..1_000_000u64), 0..50),
        ) {
            let (timeout, mut now) = (Duration::from_micros(timeout), Instant::now());
            let mut clock = Clock::new(timeout);
            let mut used = Duration::ZERO;
            for (running, micros) in steps {
                let time = Duration::from_micros(micros);
                if running {
                    clock.start(now);
                } else {
                    clock.pause(now);
                    // What was overdrawn when it was stopped is forgotten: the deadline had passed.
                    used = used.min(timeout);
                }
                now = now + time;
                if running {
                    used += time;
                    prop_assert_eq!(clock.deadline().is_some_and(|deadline| deadline <= now), used >= timeout);
                } else {
                    prop_assert_eq!(clock.deadline(), None);
                }
                prop_assert_eq!(clock.elapsed(now), used);
            }
        }
    }
}
