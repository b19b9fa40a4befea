//! Steps of a reactor, made one by one.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::Mutex;

use super::probes::{ATTEMPT_DELAY, MOST_TRIED, PASS_TIME, Queue};
use super::*;
use crate::moment::Moment;
use crate::poller::Ready;
use crate::record::Resolve;
use crate::sockets::Sockets;
use crate::transport::{Attended, NotStarted};
use crate::{sockets, sys};

/// A reactor whose steps the test makes. What it borrows is kept for ever, where no leak checker minds it.
fn reactor() -> Reactor<'static> {
    static KEPT: Mutex<Vec<(&Arc<Mailbox>, &Outbox)>> = Mutex::new(Vec::new());
    let (poller, waker) = Poller::new().unwrap();
    let mailbox = Box::leak(Box::new(Arc::new(Mailbox::new(waker))));
    let outbox = Box::leak(Box::new(Outbox::default()));
    KEPT.lock().unwrap().push((mailbox, outbox));
    Reactor::new(1, poller, mailbox, outbox, Box::new(Sockets::new(16, Config::default())), Config::default())
}

/// Nothing is sent; but as much as the plan says may be to port 1, and anything to others that have a local port. An event
/// with the key of a probe says that it is refused.
struct Paced {
    plan: Arc<Mutex<Plan>>,
    started: SlotMap<ProbeKey, Probe>,
    unsent: Vec<ProbeKey>,
    /// For which of them there was no room, and since when.
    refused: Vec<(ProbeKey, Moment)>,
}

#[derive(Default)]
struct Plan {
    left: usize,
    /// The port for which there is no room.
    full: u16,
    /// How long it takes to cancel a probe.
    cancelling: Duration,
    /// The checks whose probes have ended with a verdict.
    ended: Vec<CheckKey>,
    /// Addresses to which no local port leads.
    without_port: Vec<SocketAddr>,
}

impl Paced {
    /// A reactor that has it, and what it goes by.
    fn reactor() -> (Reactor<'static>, Arc<Mutex<Plan>>) {
        let plan = Arc::<Mutex<Plan>>::default();
        let paced = Self { plan: plan.clone(), started: SlotMap::with_key(), unsent: Vec::new(), refused: Vec::new() };
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

    fn flush(&mut self, departures: &mut Vec<(ProbeKey, Departure)>) {
        let (full, started) = (self.plan.lock().unwrap().full, &self.started);
        let is_full = |key| started.get(key).is_some_and(|probe| probe.address.port() == full);
        departures.extend(self.refused.extract_if(.., |(key, _)| !is_full(*key)).map(|(key, since)| (key, Ok(since))));
        let unsent = self.unsent.drain(..).filter(|key| is_full(*key));
        self.refused.extend(unsent.map(|key| (key, Moment::now())));
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

    fn on_event(&mut self, event: Ready, found: &mut Vec<(ProbeKey, Verdict)>) {
        found.push((ProbeKey::from_epoll(event.key), Verdict::Failed(Errno::CONNREFUSED)));
    }

    fn verdict(&self, key: ProbeKey) -> Verdict {
        let is_refused = self.refused.iter().any(|(refused, _)| *refused == key);
        if is_refused { Verdict::Unknown(Errno::NOBUFS) } else { Verdict::Pending }
    }

    fn end(&mut self, key: ProbeKey, _verdict: Verdict) {
        let ended = self.started.remove(key).map(|probe| probe.check);
        self.plan.lock().unwrap().ended.extend(ended);
    }

    fn cancel(&mut self, key: ProbeKey) {
        self.started.remove(key);
        std::thread::sleep(self.plan.lock().unwrap().cancelling);
    }

    fn due(&self, _key: ProbeKey, _started: Moment, _deadline: Moment) -> Option<Moment> {
        None
    }

    fn attend(&mut self, _poller: &Poller, key: ProbeKey, _deadline: Moment) -> Attended {
        Attended::GoesOn { key, due: None }
    }

    fn maintain(&mut self, _now: Moment) {}

    fn maintenance(&self) -> Option<Duration> {
        None
    }
}

/// A check whose time is up as soon as it runs.
fn late(host: &str, port: u16) -> Request<'_> {
    let (family, resolve) = (None, Resolve::Any);
    Request { id: 7, host, port, timeout: Duration::ZERO, family, resolve, zero_linger: true }
}

fn outcomes(reactor: &Reactor<'_>) -> Vec<Status> {
    assert!(reactor.checks.is_empty() && reactor.by_id.is_empty());
    assert_eq!(reactor.transport.in_flight(), 0);
    reactor.results.iter().map(|record| Status::from_code(record.status).unwrap()).collect()
}

#[test]
fn an_answer_that_was_not_read_before_the_deadline_counts() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // On loopback both answers are there when connect() returns.
    for outcome in [Status::Up, Status::Refused] {
        let mut reactor = reactor();
        let host = if outcome == Status::Up { "127.0.0.1" } else { "127.0.0.2" };
        reactor.accept(Ok(late(host, port)));
        reactor.start_probes();
        reactor.on_deadlines();
        assert_eq!(outcomes(&reactor), [outcome]);
    }
}

#[test]
fn a_check_that_somebody_else_has_begun_ends_in_time() {
    // Before there was a reactor.
    let at = Moment::now();
    let mut reactor = reactor();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    rustix::net::listen(&silent, 0).unwrap();
    let address = silent.local_addr().unwrap();
    let _backlog = TcpStream::connect(address).unwrap();
    let socket = sockets::open(&Config::default(), Family::V4, true).unwrap();
    sys::connect(socket.as_fd(), &address).unwrap();
    reactor.adopt(Begun { id: 1, timeout: Duration::from_nanos(1), address, socket, at });
    reactor.on_deadlines();
    assert_eq!(outcomes(&reactor), [Status::Timeout]);
}

#[test]
fn an_answer_that_was_not_read_before_the_renewal_counts() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    for (host, outcome) in [("127.0.0.1", Status::Up), ("127.0.0.2", Status::Refused)] {
        let mut reactor = reactor();
        reactor.accept(Ok(Request { timeout: Duration::from_secs(60), ..late(host, port) }));
        reactor.start_probes();
        let (key, check) = reactor.checks.iter().next().unwrap();
        let socket = check.probes[0].key;
        reactor.attend(key, socket);
        let retransmits = reactor.results[0].retransmits;
        assert_eq!((outcomes(&reactor), retransmits), (vec![outcome], 0));
    }
}

#[test]
fn an_ack_that_left_before_the_answer_was_read_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut reactor = reactor();
    reactor.accept(Ok(late("127.0.0.1", listener.local_addr().unwrap().port())));
    reactor.start_probes();
    // The kernel sends it after TCP_DELACK_MAX, 200 ms, and only then is there a connection to accept.
    listener.accept().unwrap();
    reactor.on_deadlines();
    let full = reactor.results[0].full;
    assert_eq!((outcomes(&reactor), full), (vec![Status::Up], 1));
}

#[test]
fn an_answered_handshake_is_reset_by_whatever_ends_its_check() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let ends: [fn(Reactor<'static>); 2] = [|mut reactor| reactor.cancel(7), drop];
    for end in ends {
        let mut reactor = reactor();
        reactor.accept(Ok(late("127.0.0.1", address.port())));
        reactor.start_probes();
        assert_eq!(reactor.transport.in_flight(), 1);
        end(reactor);
    }
    // Had one of them been closed with a FIN, it would be the first in line.
    let visitor = TcpStream::connect(address).unwrap();
    assert_eq!(listener.accept().unwrap().1, visitor.local_addr().unwrap());
}

#[test]
fn a_name_that_was_resolved_too_late_is_not_probed() {
    let mut reactor = reactor();
    reactor.accept(Ok(late("localhost", 9)));
    reactor.start_lookups();
    while !reactor.mailbox.is_filled() {
        std::thread::yield_now();
    }
    reactor.read_mail();
    assert_eq!(outcomes(&reactor), [Status::ResolveTimeout]);
    assert!(reactor.for_socket.is_empty());
    assert_eq!(reactor.resolver.under_way(), (0, 0));
}

#[test]
fn checks_that_wait_for_the_same_lookup_share_it() {
    let mut reactor = reactor();
    let ask = |id, family| Ok(Request { id, family, timeout: Duration::from_secs(20), ..late("localhost", 9) });
    reactor.accept(ask(1, None));
    reactor.accept(ask(2, None));
    reactor.accept(ask(3, Some(Family::V4)));
    reactor.start_lookups();
    assert_eq!(reactor.resolver.under_way(), (2, 2));
    // Not one that is under way already.
    reactor.accept(ask(4, None));
    reactor.accept(ask(5, None));
    reactor.cancel(5);
    reactor.start_lookups();
    assert_eq!(reactor.resolver.under_way(), (3, 3));
    // It is abandoned when the last one leaves.
    reactor.cancel(1);
    assert_eq!(reactor.resolver.under_way(), (3, 3));
    reactor.cancel(2);
    assert_eq!(reactor.resolver.under_way(), (2, 3));
    while reactor.resolver.under_way() != (0, 0) {
        reactor.read_mail();
        std::thread::yield_now();
    }
    // Those that were not cancelled go on.
    assert_eq!(reactor.for_socket.len(), 2);
}

#[test]
fn a_lookup_is_shared_by_as_many_as_one_pass_can_tell() {
    let mut reactor = reactor();
    for id in 0..=2 * PASS as u32 {
        reactor.accept(Ok(Request { id, timeout: Duration::from_secs(20), ..late("localhost", 9) }));
    }
    reactor.accept(Ok(Request { id: u32::MAX, ..late("other.invalid", 9) }));
    let taken = std::iter::from_fn(|| reactor.for_lookup.pop());
    let taken: Vec<_> = taken.map(|(question, checks)| (question.host.to_string(), checks.len())).collect();
    let expected = [("localhost", PASS), ("other.invalid", 1), ("localhost", PASS), ("localhost", 1)];
    assert_eq!(taken, expected.map(|(host, checks)| (host.to_string(), checks)));
    assert!(reactor.for_lookup.is_empty());
}

#[test]
fn the_answer_to_a_cancelled_lookup_is_given_to_no_other_check() {
    let mut reactor = reactor();
    reactor.accept(Ok(late("localhost", 9)));
    reactor.start_lookups();
    reactor.cancel(7);
    // It takes the place of the first one in the table, and waits for its own lookup.
    reactor.accept(Ok(late("name", 9)));
    while !reactor.mailbox.is_filled() {
        std::thread::yield_now();
    }
    reactor.read_mail();
    assert!(reactor.checks.len() == 1 && !reactor.for_lookup.is_empty());
    assert!(reactor.for_socket.is_empty() && reactor.results.is_empty());
    assert_eq!(reactor.resolver.under_way(), (0, 0));
}

#[test]
fn whoever_is_let_go_and_leaves_lets_the_next_go() {
    let mut reactor = reactor();
    let address = SocketAddr::from(([127, 0, 0, 1], 9));
    for id in 1..=3 {
        reactor.accept(Ok(Request { id, ..late("127.0.0.1", 9) }));
        let key = reactor.for_socket.pop_front().unwrap();
        reactor.wait_in_line(key, address, false);
    }
    reactor.cancel(2);
    let first = |reactor: &Reactor<'_>| reactor.for_socket.front().and_then(|key| reactor.checks.get(*key)).unwrap().id;
    reactor.let_go(&address);
    assert_eq!(first(&reactor), 1);
    reactor.cancel(1);
    assert_eq!(first(&reactor), 3);
    reactor.cancel(3);
    assert!(!reactor.lines.has(&address));
}

#[test]
fn whoever_is_let_go_and_has_no_time_left_lets_the_next_go() {
    let mut reactor = reactor();
    let address = SocketAddr::from(([127, 0, 0, 1], 9));
    for id in 1..=2 {
        resolved(&mut reactor, &Request { id, ..late("name", 9) }, &[address]);
        let key = reactor.for_socket.pop_front().unwrap();
        reactor.wait_in_line(key, address, false);
    }
    reactor.let_go(&address);
    reactor.time_out(reactor.for_socket[0]);
    assert_eq!(reactor.results.iter().map(|record| record.id).collect::<Vec<_>>(), [1]);
    assert!(!reactor.lines.has(&address));
    assert_eq!(reactor.for_socket.iter().filter_map(|key| reactor.checks.get(*key)).count(), 1);
}

#[test]
fn a_line_is_for_all_forms_of_an_address() {
    let mut reactor = reactor();
    for (given, other) in [("0.0.0.0:9", "127.0.0.1:9"), ("[2001:db8::1%1]:9", "[2001:db8::1]:9")] {
        let (given, other) = (given.parse().unwrap(), other.parse().unwrap());
        reactor.accept(Ok(late("127.0.0.1", 9)));
        let key = reactor.for_socket.pop_front().unwrap();
        reactor.wait_in_line(key, given, false);
        assert!(reactor.lines.has(&other));
        reactor.let_go(&other);
        assert!(!reactor.lines.has(&given));
        assert_eq!(reactor.for_socket.pop_front(), Some(key));
        reactor.cancel(7);
    }
}

/// A check of a name that has been resolved, by hand.
fn resolved(reactor: &mut Reactor<'_>, request: &Request<'_>, addresses: &[SocketAddr]) {
    let mut name = Name::new(request);
    name.addresses = addresses.iter().copied().collect();
    let key = reactor.insert(Check::new(request, Target::Name(Box::new(name))));
    reactor.enqueue(key, None);
}

fn pass(reactor: &mut Reactor<'_>, events: &mut Events) {
    reactor.start_probes();
    reactor.poller.wait(events, reactor.mailbox.waker(), Some(Duration::from_millis(1)), || false).unwrap();
    for event in events.ready() {
        reactor.on_event(event);
    }
    reactor.on_deadlines();
}

#[test]
fn a_refusal_says_more_than_silence_of_another_address() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    rustix::net::listen(&silent, 0).unwrap();
    let silent = silent.local_addr().map(|address| (silent, address)).unwrap();
    let _backlog = TcpStream::connect(silent.1).unwrap();
    let refused = SocketAddr::new([127, 0, 0, 2].into(), silent.1.port());
    for addresses in [[refused, silent.1], [silent.1, refused]] {
        let mut reactor = reactor();
        let timeout = ATTEMPT_DELAY + Duration::from_millis(50);
        resolved(&mut reactor, &Request { timeout, ..late("two", 0) }, &addresses);
        let mut events = Events::new();
        while reactor.results.is_empty() {
            pass(&mut reactor, &mut events);
        }
        assert_eq!(outcomes(&reactor), [Status::Refused]);
        assert_eq!(reactor.results[0].address[3], 2);
    }
}

/// Hands a check over that has some time.
fn ask(reactor: &mut Reactor<'_>, id: u32, port: u16) {
    reactor.accept(Ok(Request { id, timeout: Duration::from_millis(50), ..late("127.0.0.1", port) }));
}

/// The checks that have a probe.
fn started(reactor: &Reactor<'_>) -> Vec<u32> {
    let checks = reactor.checks.values();
    let mut ids: Vec<_> = checks.filter(|check| !check.probes.is_empty()).map(|check| check.id).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn whoever_waits_for_the_rate_holds_up_nobody_else_and_keeps_his_turn() {
    let (mut reactor, plan) = Paced::reactor();
    for (id, port) in [(1, 1), (2, 1), (3, 2), (4, 1), (5, 2)] {
        ask(&mut reactor, id, port);
    }
    assert!(matches!(reactor.start_probes(), Queue::Later(wait) if wait == Duration::from_secs(1)));
    assert_eq!(started(&reactor), [3, 5]);
    // Those who come later come later.
    for (id, port) in [(6, 1), (7, 2)] {
        ask(&mut reactor, id, port);
    }
    plan.lock().unwrap().left = 1;
    assert!(matches!(reactor.start_probes(), Queue::Later(_)));
    assert_eq!(started(&reactor), [1, 3, 5, 7]);
    reactor.cancel(2);
    plan.lock().unwrap().left = 1;
    assert!(matches!(reactor.start_probes(), Queue::Later(_)));
    assert_eq!(started(&reactor), [1, 3, 4, 5, 7]);
    plan.lock().unwrap().left = 9;
    assert!(matches!(reactor.start_probes(), Queue::Waits));
    assert_eq!(started(&reactor), [1, 3, 4, 5, 6, 7]);
}

#[test]
fn whoever_can_not_send_holds_up_nobody_and_ends_in_time() {
    let (mut reactor, plan) = Paced::reactor();
    plan.lock().unwrap().full = 3;
    // It is under way all the time.
    reactor.accept(Ok(Request { id: 1, timeout: Duration::from_secs(3600), ..late("127.0.0.1", 2) }));
    (2..=600).for_each(|id| ask(&mut reactor, id, 3));
    ask(&mut reactor, 601, 2);
    while reactor.start_probes() == Queue::Ready {
        assert!(!reactor.flush());
    }
    assert_eq!(started(&reactor), (1..=601).collect::<Vec<_>>());
    while reactor.results.len() < 600 {
        assert!(!reactor.flush());
        reactor.on_deadlines();
    }
    reactor.results.retain(|record| record.code == Errno::NOBUFS.raw_os_error());
    let ids = reactor.results.iter().map(|record| record.id).collect::<std::collections::BTreeSet<_>>();
    assert!(ids.into_iter().eq(2..=600));
    reactor.cancel(1);
    assert_eq!(outcomes(&reactor), [Status::LocalError; 599]);
}

#[test]
fn time_without_room_for_a_syn_is_not_counted_once_it_has_left() {
    let (mut reactor, plan) = Paced::reactor();
    plan.lock().unwrap().full = 2;
    ask(&mut reactor, 1, 2);
    reactor.start_probes();
    reactor.flush();
    let refused = Moment::now();
    let deadline = |reactor: &Reactor<'_>| reactor.checks.values().next().unwrap().clock.deadline().unwrap();
    let left = deadline(&reactor).since(refused);
    std::thread::sleep(Duration::from_millis(60));
    plan.lock().unwrap().full = 0;
    let departed = Moment::now();
    reactor.flush();
    assert!(deadline(&reactor) >= departed + left);
    assert_eq!(started(&reactor), [1]);
    while !reactor.checks.is_empty() {
        reactor.on_deadlines();
    }
    assert_eq!(outcomes(&reactor), [Status::Timeout]);
}

#[test]
fn a_name_has_another_address_tried_when_there_is_no_room_for_the_first() {
    let (mut reactor, plan) = Paced::reactor();
    plan.lock().unwrap().full = 3;
    let addresses = [3, 2].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    resolved(&mut reactor, &Request { timeout: 2 * ATTEMPT_DELAY, ..late("two", 0) }, &addresses);
    let mut both = false;
    while reactor.results.is_empty() {
        reactor.start_probes();
        reactor.flush();
        reactor.on_deadlines();
        both |= reactor.transport.in_flight() == 2;
    }
    assert!(both);
    assert_eq!(outcomes(&reactor).len(), 1);
}

#[test]
fn cancellations_that_take_long_are_made_in_passes_and_nobody_starts_meanwhile() {
    let (mut reactor, plan) = Paced::reactor();
    (1..=3).for_each(|id| ask(&mut reactor, id, 2));
    reactor.start_probes();
    ask(&mut reactor, 4, 2);
    plan.lock().unwrap().cancelling = PASS_TIME;
    for id in [1, 2, 4] {
        reactor.mailbox.post(|mail| mail.cancelled.push(id));
    }
    reactor.read_mail();
    assert!(!reactor.forget_cancelled());
    assert_eq!(started(&reactor), [2, 3]);
    while !reactor.forget_cancelled() {}
    reactor.start_probes();
    assert_eq!(started(&reactor), [3]);
    reactor.cancel(3);
    assert_eq!(outcomes(&reactor), []);
}

#[test]
fn answers_that_come_while_an_engine_ends_are_read() {
    let (mut reactor, plan) = Paced::reactor();
    (1..=3).for_each(|id| ask(&mut reactor, id, 2));
    reactor.start_probes();
    plan.lock().unwrap().cancelling = PASS_TIME;
    let (last, check) = reactor.checks.iter().last().unwrap();
    let answer = std::os::unix::net::UnixDatagram::unbound().unwrap();
    reactor.poller.add(&answer, check.probes[0].key.to_epoll()).unwrap();
    reactor.end(&mut Events::new()).unwrap();
    assert_eq!(plan.lock().unwrap().ended, [last]);
}

/// Addresses of a name.
fn addresses<const COUNT: usize>() -> [SocketAddr; COUNT] {
    std::array::from_fn(|i| ([127, 0, 0, 1 + i as u8], 2).into())
}

/// Hands checks over of a name that has these addresses.
fn ask_for_name(reactor: &mut Reactor<'_>, ids: std::ops::RangeInclusive<u32>, addresses: &[SocketAddr]) {
    for id in ids {
        resolved(reactor, &Request { id, timeout: Duration::from_secs(9), ..late("name", 2) }, addresses);
    }
}

/// The addresses that are probed, by check.
fn probed(reactor: &Reactor<'_>) -> Vec<(u32, SocketAddr)> {
    let probes = reactor.checks.values().flat_map(|check| check.probes.iter().map(|probe| (check.id, probe.key)));
    let mut probed: Vec<_> = probes.map(|(id, key)| (id, reactor.transport.probe(key).unwrap().address)).collect();
    probed.sort_unstable();
    probed
}

/// The addresses that a check has still to try.
fn to_try(reactor: &Reactor<'_>, id: u32) -> Vec<SocketAddr> {
    let check = reactor.checks.values().find(|check| check.id == id).unwrap();
    (0..).map_while(|others| check.address_after(others)).collect()
}

#[test]
fn a_name_has_another_address_tried_while_there_is_no_port_for_one() {
    let (mut reactor, plan) = Paced::reactor();
    let [a, b, c] = addresses();
    plan.lock().unwrap().without_port = vec![a];
    ask_for_name(&mut reactor, 1..=1, &[a, b, c]);
    // Nor where others wait for that port already.
    ask_for_name(&mut reactor, 2..=2, &[a]);
    ask_for_name(&mut reactor, 3..=3, &[a, b]);
    assert!(matches!(reactor.start_probes(), Queue::Waits));
    assert_eq!(probed(&reactor), [(1, b), (3, b)]);
    assert_eq!(to_try(&reactor, 1), [c, a]);
    assert!(reactor.lines.has(&a));
    // It is the last to be tried.
    plan.lock().unwrap().without_port.clear();
    for expected in [vec![(1, b), (1, c), (3, a), (3, b)], vec![(1, a), (1, b), (1, c), (3, a), (3, b)]] {
        reactor.let_go(&a);
        std::thread::sleep(ATTEMPT_DELAY);
        reactor.on_deadlines();
        reactor.start_probes();
        let of_names: Vec<_> = probed(&reactor).into_iter().filter(|(id, _)| *id != 2).collect();
        assert_eq!(of_names, expected);
    }
}

#[test]
fn a_name_waits_in_line_for_its_first_address_when_none_has_a_port() {
    let (mut reactor, plan) = Paced::reactor();
    let [a, b] = addresses();
    plan.lock().unwrap().without_port = vec![a, b];
    ask_for_name(&mut reactor, 1..=3, &[a, b]);
    assert!(matches!(reactor.start_probes(), Queue::Waits));
    assert!(reactor.lines.has(&a) && !reactor.lines.has(&b));
    // Whoever is let go in vain is the first again.
    reactor.let_go(&a);
    reactor.start_probes();
    assert_eq!((probed(&reactor), to_try(&reactor, 1)), (vec![], vec![a, b]));
    plan.lock().unwrap().without_port = vec![b];
    reactor.let_go(&a);
    reactor.start_probes();
    assert_eq!(probed(&reactor), [(1, a)]);
    // Or has another address tried, if that has a port now.
    *plan.lock().unwrap() = Plan { without_port: vec![a], ..Plan::default() };
    reactor.let_go(&a);
    reactor.start_probes();
    assert_eq!(probed(&reactor), [(1, a), (2, b)]);
}

#[test]
fn whoever_was_let_go_to_one_port_does_not_go_first_for_another() {
    let (mut reactor, plan) = Paced::reactor();
    let [a, b] = addresses();
    plan.lock().unwrap().without_port = vec![a, b];
    ask_for_name(&mut reactor, 1..=1, &[a, b]);
    ask_for_name(&mut reactor, 2..=2, &[b]);
    reactor.start_probes();
    reactor.let_go(&a);
    plan.lock().unwrap().without_port = vec![a];
    reactor.start_probes();
    assert!(probed(&reactor).is_empty());
    reactor.let_go(&b);
    reactor.start_probes();
    assert_eq!(probed(&reactor), [(2, b)]);
}

#[test]
fn so_many_addresses_without_a_port_are_tried_in_one_go_and_no_more() {
    let (mut reactor, plan) = Paced::reactor();
    let addresses: [SocketAddr; MOST_TRIED + 1] = addresses();
    for count in [MOST_TRIED - 1, MOST_TRIED] {
        plan.lock().unwrap().without_port = addresses[..count].to_vec();
        ask_for_name(&mut reactor, 1..=1, &addresses);
        reactor.start_probes();
        let is_probed = !probed(&reactor).is_empty();
        assert_eq!((is_probed, reactor.lines.has(&addresses[0])), (count < MOST_TRIED, count == MOST_TRIED));
        reactor.cancel(1);
    }
}
