//! A transport that sends nothing, and does as a test has planned.

use super::*;
use crate::sys::poller::Ready;
use crate::transport::{Ended, NotStarted, TimerOutcome};

/// Nothing is sent; but as much as the plan says may be to port 1, and anything to others that have a local port. An event
/// with the key of a probe says that it is refused.
pub struct Paced {
    plan: Arc<Mutex<Plan>>,
    started: SlotMap<ProbeKey, Probe>,
    unsent: Vec<ProbeKey>,
    /// For which of them there was no room, and since when.
    blocked: Vec<(ProbeKey, Instant)>,
}

#[derive(Default)]
pub struct Plan {
    pub left: usize,
    /// The ports for which there is no room.
    pub full: Vec<u16>,
    /// The ports whose SYNs are told first to have left.
    pub order: Vec<u16>,
    /// How long it takes to cancel a probe.
    pub cancelling: Duration,
    /// The checks whose probes have ended with a verdict.
    pub ended: Vec<CheckKey>,
    /// Addresses to which no local port leads.
    pub without_port: Vec<SocketAddr>,
}

impl Paced {
    /// A reactor that has it, and what it goes by.
    pub fn reactor() -> (Reactor<'static>, Arc<Mutex<Plan>>) {
        let plan = Arc::<Mutex<Plan>>::default();
        let paced = Self { plan: plan.clone(), started: SlotMap::with_key(), unsent: Vec::new(), blocked: Vec::new() };
        (Reactor { transport: Box::new(paced), ..reactor() }, plan)
    }
}

impl Transport for Paced {
    fn may_be_too_soon(&self, address: &SocketAddr) -> bool {
        address.port() == 1
    }

    fn start(&mut self, _poller: &Poller, probe: Probe, _half_open: bool) -> Result<ProbeKey, NotStarted> {
        let mut plan = self.plan.lock().unwrap();
        if probe.address.port() == 1 {
            plan.left = plan.left.checked_sub(1).ok_or(NotStarted::TooSoon(Duration::from_secs(1)))?;
        }
        if plan.without_port.contains(&probe.address) {
            return Err(NotStarted::NoPort);
        }
        drop(plan);
        let key = self.started.insert(probe);
        self.unsent.push(key);
        Ok(key)
    }

    fn flush(&mut self, blocked_sends: &mut Vec<(ProbeKey, BlockedSend)>) {
        let (plan, started) = (self.plan.lock().unwrap(), &self.started);
        let is_full = |key| started.get(key).is_some_and(|probe| plan.full.contains(&probe.address.port()));
        let port = |key| started.get(key).map(|probe| probe.address.port());
        let mut left: Vec<_> = self.blocked.extract_if(.., |(key, _)| !is_full(*key)).collect();
        left.sort_by_key(|(key, _)| plan.order.iter().position(|first| Some(*first) == port(*key)));
        blocked_sends.extend(left.into_iter().map(|(key, since)| (key, Ok(since))));
        let unsent = self.unsent.drain(..).filter(|key| is_full(*key));
        self.blocked.extend(unsent.map(|key| (key, Instant::now())));
    }

    fn in_flight(&self) -> usize {
        self.started.len()
    }

    fn probe(&self, key: ProbeKey) -> Option<Probe> {
        self.started.get(key).copied()
    }

    fn retransmits(&self, _key: ProbeKey) -> u32 {
        0
    }

    fn blocked_since(&self, key: ProbeKey) -> Option<Instant> {
        self.blocked.iter().find(|(blocked, _)| *blocked == key).map(|(_, since)| *since)
    }

    fn on_event(&mut self, event: Ready, found: &mut Vec<(ProbeKey, Verdict)>) {
        found.push((ProbeKey::from_epoll(event.key), Verdict::Failed(Errno::CONNREFUSED)));
    }

    fn verdict(&self, key: ProbeKey, _deadline: Instant) -> Verdict {
        if self.blocked_since(key).is_some() { Verdict::Unknown(Errno::NOBUFS) } else { Verdict::Pending }
    }

    fn end(&mut self, key: ProbeKey, _verdict: Verdict) -> Ended {
        let ended = self.started.remove(key).map(|probe| probe.check);
        self.plan.lock().unwrap().ended.extend(ended);
        Ended { at: Instant::now(), acknowledged: false }
    }

    fn cancel(&mut self, key: ProbeKey) -> bool {
        self.started.remove(key);
        std::thread::sleep(self.plan.lock().unwrap().cancelling);
        false
    }

    fn first_timer(&self, _key: ProbeKey, _started: Instant, _deadline: Instant) -> Option<Instant> {
        None
    }

    fn on_timer(&mut self, _poller: &Poller, key: ProbeKey, _deadline: Instant) -> TimerOutcome {
        TimerOutcome::GoesOn { key, timer: None }
    }

    fn maintain(&mut self, _now: Instant) {}

    fn maintenance(&self) -> Option<Duration> {
        None
    }
}

/// Hands a check over that has some time.
pub fn ask(reactor: &mut Reactor<'_>, id: u32, port: u16) {
    reactor.accept(Ok(Request { id, timeout: Duration::from_millis(50), ..late("127.0.0.1", port) }));
}

/// The checks that have a probe.
pub fn started(reactor: &Reactor<'_>) -> Vec<u32> {
    let checks = reactor.checks.values();
    let mut ids: Vec<_> = checks.filter(|check| !check.probes.is_empty()).map(|check| check.id).collect();
    ids.sort_unstable();
    ids
}
