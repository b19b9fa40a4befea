//! A check: what was asked, what is left of its time, and which addresses it still has to try.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use rustix::io::Errno;
use smallvec::SmallVec;

use crate::address::CompactAddr;
use crate::instant::Instant;
use crate::keys::ProbeKey;
use crate::probe::Handshake;
use crate::record::{Request, Resolve, ResultRecord, milliseconds};
use crate::status::Status;

/// A check that has no outcome yet.
pub struct Check {
    pub id: u32,
    pub handshake: HandshakeKind,
    pub clock: Clock,
    /// When it was accepted. All the time since that its clock did not run, it spent in our queues.
    pub accepted: Instant,
    pub target: Target,
    /// Its probes, oldest first.
    pub probes: SmallVec<[Attempt; 1]>,
    pub place: Place,
    /// SYNs sent by probes on which the kernel gave up.
    pub resent: u16,
}

/// How much of a handshake a check makes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HandshakeKind {
    /// SYN, SYN-ACK, RST.
    HalfOpen,
    /// The same, but an ACK may have left all the same.
    Acknowledged,
    /// All of it.
    Full,
}

/// Where a check stands that has an address to try.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Place {
    /// Nowhere: it has none, or is being tried.
    #[default]
    Nowhere,
    /// In the queue for a socket, or in a line for a port.
    Queued,
    /// In the queue, and it was the first in a line for a port: it is to have the one that is free now.
    Woken,
}

/// A probe of one address.
#[derive(Clone, Copy)]
pub struct Attempt {
    pub key: ProbeKey,
    /// When it is to be looked after: its SYN is to be sent again, or it is given up.
    pub timer: Option<Instant>,
}

/// What is probed.
pub enum Target {
    /// One address.
    Address(CompactAddr),
    /// The addresses of a name.
    Name(Box<Name>),
}

/// A name, and what has become of it.
#[derive(Default)]
pub struct Name {
    pub port: u16,
    pub resolve: Resolve,
    /// Whether a lookup of it is under way.
    pub is_looked_up: bool,
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

    /// Notes whether an ACK of one of its probes may have left. Its result tells, whatever else comes of it: the application
    /// may have seen that one.
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

    /// Has the next addresses, so many, be the last ones.
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

    /// When it wants to be looked at next: at its deadline, or before, for the next address or for one of its probes.
    pub fn wake(&self) -> Option<Instant> {
        let next_attempt = match &self.target {
            Target::Address(_) => None,
            Target::Name(name) => name.next_attempt,
        };
        let own = [self.clock.deadline(), next_attempt].into_iter();
        own.chain(self.probes.iter().map(|probe| probe.timer)).flatten().min()
    }

    /// The probe that is to be looked after at this time.
    pub fn probe_with_timer(&self, at: Instant) -> Option<ProbeKey> {
        self.probes.iter().find(|probe| probe.timer == Some(at)).map(|probe| probe.key)
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

    /// Leaves its place. Gives the address for which it was let go, if it was: the next in line may go in its stead.
    pub fn leave_place(&mut self) -> Option<SocketAddr> {
        let was_woken = std::mem::take(&mut self.place) == Place::Woken;
        self.next_address().filter(|_| was_woken)
    }

    /// The address to be tried next, if there is one.
    pub fn next_address(&self) -> Option<SocketAddr> {
        self.address_after(0)
    }

    /// The address to be tried after so many others, if there is one.
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

    /// Fills in the times of a result.
    pub fn stamp(&self, record: &mut ResultRecord, now: Instant) {
        let elapsed = self.clock.elapsed(now);
        record.duration = milliseconds(elapsed);
        record.queue_time = milliseconds(now.since(self.accepted).saturating_sub(elapsed));
        record.full = u8::from(self.handshake != HandshakeKind::HalfOpen);
        record.dns_time = match &self.target {
            Target::Address(_) => 0.0,
            // Still looking: all of the time went there.
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

/// A check's own time. It stands still while the check waits in our queues, which is no fault of the target's.
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

    /// Lets the time run, if it stands still.
    pub fn start(&mut self, now: Instant) {
        if self.state <= 0 {
            self.state = (now + Duration::from_nanos(self.state.unsigned_abs())).as_nanos() as i64;
        }
    }

    /// Stops the time. It may be as of before it was last started, but no more is left than there was.
    pub fn pause(&mut self, now: Instant) {
        if let Some(deadline) = self.deadline() {
            self.state = -(deadline.since(now).min(self.timeout()).as_nanos() as i64);
        }
    }

    /// The deadline, while the time runs.
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
    use crate::held_ack::HeldAck;
    use crate::sys::Peer;

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
    fn time_in_a_queue_is_told_beside_the_duration() {
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
