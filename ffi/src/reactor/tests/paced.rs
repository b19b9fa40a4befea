//! A fake transport, which follows a test's plan and sends nothing.

use slotmap::SlotMap;

use super::*;
use crate::keys::ProbeKey;
use crate::sys::poller::Ready;
use crate::transport::{Ended, NotStarted, Probe, ProbeEvent, TimerOutcome, Verdict};

/// The fake transport. The plan limits the SYNs to port 1, and lists the addresses without a local port. An event with the
/// key of a probe means that the probe is refused.
pub struct Paced {
    plan: Arc<Mutex<Plan>>,
    started: SlotMap<ProbeKey, Probe>,
    unsent: Vec<ProbeKey>,
    /// Probes whose SYN is blocked.
    blocked: Vec<ProbeKey>,
}

#[derive(Default)]
pub struct Plan {
    pub left: usize,
    /// The ports to which SYNs are blocked.
    pub full: Vec<u16>,
    /// The ports whose SYNs are reported before the others.
    pub order: Vec<u16>,
    /// The duration of a cancellation.
    pub cancelling: Duration,
    /// The checks whose probes have ended with a verdict.
    pub ended: Vec<CheckKey>,
    /// The addresses without a free local port.
    pub without_port: Vec<SocketAddr>,
}

impl Paced {
    /// A reactor with this transport, and its plan.
    pub fn reactor() -> (Reactor<'static>, Arc<Mutex<Plan>>) {
        let plan = Arc::<Mutex<Plan>>::default();
        let paced = Self { plan: plan.clone(), started: SlotMap::with_key(), unsent: Vec::new(), blocked: Vec::new() };
        (Reactor { transport: Box::new(paced), ..reactor() }, plan)
    }
}

impl Transport for Paced {
    fn is_paced(&self, address: &SocketAddr) -> bool {
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

    fn send(&mut self, events: &mut ProbeEvents) {
        let (plan, started) = (self.plan.lock().unwrap(), &self.started);
        let is_full = |key| started.get(key).is_some_and(|probe| plan.full.contains(&probe.address.port()));
        let port = |key| started.get(key).map(|probe| probe.address.port());
        let mut sent: Vec<_> = self.blocked.extract_if(.., |key| !is_full(*key)).collect();
        sent.sort_by_key(|key| plan.order.iter().position(|first| Some(*first) == port(*key)));
        events.extend(sent.into_iter().map(|key| (key, ProbeEvent::Sent)));
        for key in self.unsent.drain(..).filter(|key| is_full(*key)) {
            events.push((key, ProbeEvent::Blocked(Instant::now())));
            self.blocked.push(key);
        }
    }

    fn receive(&mut self, ready: Option<Ready>, events: &mut ProbeEvents) {
        let refused = ProbeEvent::Verdict(Verdict::Failed(Errno::CONNREFUSED));
        events.extend(ready.map(|ready| (ProbeKey::from_epoll(ready.key), refused)));
    }

    fn in_flight(&self) -> usize {
        self.started.len()
    }

    fn probe(&self, key: ProbeKey) -> Option<Probe> {
        self.started.get(key).copied()
    }

    fn verdict(&self, key: ProbeKey, _deadline: Instant) -> Verdict {
        if self.blocked.contains(&key) { Verdict::Unknown(Errno::NOBUFS) } else { Verdict::Pending }
    }

    fn end(&mut self, key: ProbeKey, verdict: Verdict) -> Ended {
        let ended = self.started.remove(key).map(|probe| probe.check);
        let mut plan = self.plan.lock().unwrap();
        if verdict == Verdict::Pending {
            std::thread::sleep(plan.cancelling);
        } else {
            plan.ended.extend(ended);
        }
        Ended { at: Instant::now(), acknowledged: false, retransmits: 0 }
    }

    fn first_timer(&self, _key: ProbeKey, _started: Instant, _deadline: Instant) -> Option<Instant> {
        None
    }

    fn on_timer(&mut self, _poller: &Poller, key: ProbeKey, _due: Instant, _deadline: Instant) -> TimerOutcome {
        TimerOutcome::GoesOn { key, timer: None }
    }

    fn maintain(&mut self, _now: Instant) {}

    fn maintenance(&self) -> Option<Duration> {
        None
    }
}

/// Submits a check with a long timeout.
pub fn ask(reactor: &mut Reactor<'_>, id: u32, port: u16) {
    reactor.accept(Ok(Request { id, timeout: Duration::from_millis(50), ..late("127.0.0.1", port) }));
}

/// The checks that have a probe.
pub fn started(reactor: &Reactor<'_>) -> Vec<u32> {
    let checks = reactor.checks.iter().map(|(_, check)| check);
    let mut ids: Vec<_> = checks.filter(|check| !check.probes().is_empty()).map(|check| check.id).collect();
    ids.sort_unstable();
    ids
}
