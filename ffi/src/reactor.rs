//! The loop of the engine thread, which owns every socket and timer and waits for nothing but epoll.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;
use rustix::io::{self, Errno};
use slotmap::SlotMap;
use smallvec::SmallVec;

use crate::check::{Check, CheckKey, Name, Target};
use crate::deadlines::Deadlines;
use crate::mailbox::{Mail, Mailbox};
use crate::outbox::Outbox;
use crate::poller::{Events, Poller, Ready};
use crate::probe::{self, Verdict};
use crate::record::{Family, Malformed, Request, Resolve, ResultRecord, milliseconds, requests};
use crate::resolver::{Answer, Resolver, parse_literal};
use crate::sockets::{NoSocket, Probe, SocketKey, Sockets};
use crate::status::Status;
use crate::sys;

/// Handshakes started, and deadlines handled, in one pass. Events must be read within 200 ms (`TCP_DELACK_MAX`) of the
/// SYN-ACK, whatever else there is to do; this many take a few ms.
const PASS: usize = 256;

/// Silence after which the next address of a name is tried too: RFC 8305's Connection Attempt Delay.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Checks that are tried in vain in one pass, when local ports have run out.
const STARVED_PASS: usize = 16;

/// How often to try again when the host program has used up what the system has.
const RETRY: Duration = Duration::from_millis(10);

pub struct Reactor<'a> {
    /// The engine's, for its results.
    number: u32,
    mailbox: &'a Arc<Mailbox>,
    outbox: &'a Outbox,
    poller: Poller,
    mail: Mail,
    results: Vec<ResultRecord>,
    checks: SlotMap<CheckKey, Check>,
    /// For cancelling. A check of all the addresses of a name becomes a check an address, under the same id.
    by_id: FxHashMap<u32, SmallVec<[CheckKey; 1]>>,
    for_lookup: VecDeque<CheckKey>,
    for_socket: VecDeque<CheckKey>,
    sockets: Sockets,
    deadlines: Deadlines<CheckKey>,
    resolver: Resolver,
    /// Since when the system has had nothing for us, while we had nothing to give back.
    starved_since: Option<Instant>,
}

/// Whether the queue for sockets can move on.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Queue {
    /// It is empty, or waits for a probe to end.
    Waits,
    /// There is more to start at once.
    Ready,
    /// It waits for something that happens outside the engine.
    Starved,
}

impl<'a> Reactor<'a> {
    pub fn new(number: u32, poller: Poller, mailbox: &'a Arc<Mailbox>, outbox: &'a Outbox, window: usize) -> Self {
        // Threads stuck in a lookup outlive the engine; its descriptors shall not.
        let answers = Arc::downgrade(mailbox);
        Self {
            number,
            mailbox,
            outbox,
            poller,
            mail: Mail::default(),
            results: Vec::new(),
            checks: SlotMap::with_key(),
            by_id: FxHashMap::default(),
            for_lookup: VecDeque::new(),
            for_socket: VecDeque::new(),
            sockets: Sockets::new(window),
            deadlines: Deadlines::new(),
            resolver: Resolver::new(move |check, answer| {
                if let Some(mailbox) = answers.upgrade() {
                    mailbox.post(|mail| mail.answers.push((check, answer)));
                }
            }),
            starved_since: None,
        }
    }

    /// Runs until told to stop.
    pub fn run(mut self) -> io::Result<()> {
        let mut events = Events::new();
        loop {
            if self.read_mail() {
                return Ok(());
            }
            self.start_lookups();
            let queue = self.start_probes();
            self.outbox.publish(&mut self.results);

            let mut timeout = self.time_to_sleep(queue);
            let mailbox = self.mailbox;
            loop {
                self.poller.wait(&mut events, mailbox.waker(), timeout, || mailbox.is_filled())?;
                for event in events.ready() {
                    self.on_event(event);
                }
                if !events.is_full() {
                    break;
                }
                // More may have come already, and nothing else is as urgent. Without new probes they come to an end.
                timeout = Some(Duration::ZERO);
                self.outbox.publish(&mut self.results);
            }
            self.on_deadlines();
            self.outbox.publish(&mut self.results);
            self.sockets.trim(Instant::now());
        }
    }

    fn read_mail(&mut self) -> bool {
        let mut mail = std::mem::take(&mut self.mail);
        if self.mailbox.take(&mut mail) {
            #[cfg(feature = "faults")]
            assert!(!mail.panic, "a panic was asked for");
            for request in requests(&mail.requests) {
                self.accept(request);
            }
            for (check, answer) in mail.answers.drain(..) {
                self.on_answer(check, answer);
            }
            for &id in &mail.cancelled {
                self.cancel(id);
            }
        }
        let stop = mail.stop;
        self.mail = mail;
        stop
    }

    fn accept(&mut self, request: Result<Request<'_>, Malformed>) {
        let request = match request {
            Ok(request) => request,
            Err(Malformed { id: Some(id) }) => {
                let code = Errno::INVAL.raw_os_error();
                return self.tell(ResultRecord { code, ..ResultRecord::new(id, Status::LocalError) });
            }
            Err(Malformed { id: None }) => return,
        };
        match parse_literal(request.host) {
            None => {
                let name = Box::new(Name::new(&request));
                let key = self.insert(Check::new(&request, Target::Name(name)));
                self.for_lookup.push_back(key);
            }
            Some(Err(errno)) => self.reject(&request, Status::LocalError, errno.raw_os_error()),
            Some(Ok(address)) if request.family.is_some_and(|family| family != Family::of(&address)) => {
                self.reject(&request, Status::Unresolved, EAI_ADDRFAMILY);
            }
            Some(Ok(mut address)) => {
                address.set_port(request.port);
                let key = self.insert(Check::new(&request, Target::Address(address)));
                self.enqueue(key, None);
            }
        }
    }

    fn insert(&mut self, check: Check) -> CheckKey {
        let id = check.id;
        let key = self.checks.insert(check);
        self.by_id.entry(id).or_default().push(key);
        key
    }

    /// Answers a check that never was one.
    fn reject(&mut self, request: &Request<'_>, status: Status, code: i32) {
        let full = u8::from(!request.zero_linger);
        self.tell(ResultRecord { code, full, ..ResultRecord::new(request.id, status) });
    }

    fn tell(&mut self, record: ResultRecord) {
        self.results.push(ResultRecord { engine: self.number, ..record });
    }

    fn cancel(&mut self, id: u32) {
        for key in self.by_id.remove(&id).unwrap_or_default() {
            if let Some(check) = self.checks.remove(key) {
                self.abandon(check);
            }
        }
    }

    fn start_lookups(&mut self) {
        while self.resolver.has_room()
            && let Some(key) = self.for_lookup.pop_front()
        {
            let Some(check) = self.checks.get_mut(key) else { continue };
            let Target::Name(name) = &mut check.target else { continue };
            let now = Instant::now();
            match self.resolver.look_up(key, name.host.clone(), name.family) {
                Ok(lookup) => {
                    name.lookup = Some(lookup);
                    self.start_clock(key, now);
                }
                // There is no thread for it, which says nothing about the name.
                Err(error) => {
                    let code = error.raw_os_error().unwrap_or(libc::EAGAIN);
                    self.fail(key, ResultRecord { code, ..ResultRecord::new(0, Status::LocalError) });
                }
            }
        }
    }

    fn on_answer(&mut self, key: CheckKey, answer: Answer) {
        let name = match self.checks.get_mut(key) {
            Some(Check { target: Target::Name(name), .. }) => Some(name),
            _ => None,
        };
        self.resolver.arrived(name.is_some());
        // Nobody may wait any more: it was cancelled, or its deadline has passed.
        let Some(name) = name else { return };
        name.lookup = None;
        let (port, resolve) = (name.port, name.resolve);
        let now = Instant::now();
        let clock = self.checks[key].clock;
        let Target::Name(name) = &mut self.checks[key].target else { return };
        name.dns_time = clock.elapsed(now);
        if clock.deadline().is_some_and(|deadline| deadline <= now) {
            return self.time_out(key);
        }
        let mut addresses = match answer {
            Ok(addresses) => addresses,
            Err(code) => return self.fail(key, ResultRecord { code, ..ResultRecord::new(0, Status::Unresolved) }),
        };
        for address in &mut addresses {
            address.set_port(port);
        }
        match resolve {
            Resolve::Any => name.addresses = addresses.into(),
            Resolve::First => name.addresses = addresses.into_iter().take(1).collect(),
            Resolve::All => return self.fan_out(key, addresses),
        }
        self.enqueue(key, Some(now));
    }

    /// Makes a check of each address of a name, all with the same id and deadline.
    fn fan_out(&mut self, key: CheckKey, addresses: Vec<SocketAddr>) {
        let now = Instant::now();
        let mut addresses = addresses.into_iter();
        let first = addresses.next();
        for address in addresses {
            let sibling = self.checks[key].sibling(address);
            let deadline = sibling.clock.deadline();
            let sibling = self.insert(sibling);
            if let Some(deadline) = deadline {
                self.deadlines.set(deadline, sibling);
            }
            self.enqueue(sibling, Some(now));
        }
        if let Target::Name(name) = &mut self.checks[key].target {
            name.addresses = first.into_iter().collect();
        }
        self.enqueue(key, Some(now));
    }

    /// Puts a check in the queue for a socket, where its time stands still unless one of its probes is under way.
    fn enqueue(&mut self, key: CheckKey, now: Option<Instant>) {
        let check = &mut self.checks[key];
        if !check.queued {
            check.queued = true;
            self.for_socket.push_back(key);
        }
        if check.probes.is_empty()
            && let Some(now) = now
        {
            self.pause_clock(key, now);
        }
    }

    fn start_probes(&mut self) -> Queue {
        let mut starved = 0;
        for _ in 0..PASS {
            let Some(key) = self.for_socket.pop_front() else {
                self.starved_since = None;
                return Queue::Waits;
            };
            let Some(check) = self.checks.get_mut(key) else { continue };
            check.queued = false;
            let Some(address) = check.take_address() else { continue };
            let now = Instant::now();
            match self.start_probe(key, address) {
                Ok(socket) => self.on_started(key, socket, now),
                Err(NoSocket::Window) => {
                    self.stay_first(key, address);
                    return Queue::Waits;
                }
                Err(NoSocket::Exhausted(_)) if self.may_wait(key) => {
                    self.stay_first(key, address);
                    return Queue::Starved;
                }
                Err(NoSocket::NoPort) => {
                    // To the back: this holds up no check of another target. The probe that it waits for is our own.
                    self.checks[key].put_back(address);
                    self.enqueue(key, None);
                    starved += 1;
                    if starved >= STARVED_PASS.min(self.for_socket.len()) {
                        return Queue::Waits;
                    }
                }
                Err(NoSocket::Exhausted(errno) | NoSocket::Failed(errno)) => {
                    self.fail_address(key, &address, Status::of_local(errno), errno);
                }
            }
        }
        if self.for_socket.is_empty() { Queue::Waits } else { Queue::Ready }
    }

    fn start_probe(&mut self, check: CheckKey, address: SocketAddr) -> Result<SocketKey, NoSocket> {
        let half_open = self.checks[check].half_open;
        let socket = self.sockets.lend(&self.poller, Probe { check, address }, half_open)?;
        sys::connect(self.sockets.fd(socket), &address).map_err(|errno| {
            self.sockets.close(socket);
            match errno {
                // Without a probe of ours on that way, there is none: a host without IPv6 has no address of its own
                // to start from either.
                Errno::ADDRNOTAVAIL | Errno::AGAIN if self.sockets.is_probing(&address) => NoSocket::NoPort,
                _ => NoSocket::Failed(errno),
            }
        })?;
        Ok(socket)
    }

    /// Puts a check that could not have a socket back where it was.
    fn stay_first(&mut self, key: CheckKey, address: SocketAddr) {
        let check = &mut self.checks[key];
        check.put_back(address);
        check.queued = true;
        self.for_socket.push_front(key);
    }

    fn on_started(&mut self, key: CheckKey, socket: SocketKey, at: Instant) {
        self.starved_since = None;
        self.start_clock(key, at);
        let check = &mut self.checks[key];
        check.probes.push(socket);
        if let Target::Name(name) = &mut check.target
            && !name.addresses.is_empty()
        {
            let at = at + ATTEMPT_DELAY;
            let replaced = name.next_attempt.replace(at);
            self.deadlines.set(at, key);
            if replaced.is_some() {
                self.forget_deadline();
            }
        }
    }

    /// Whether a check that the system has nothing for may wait some more: while one of our own probes is to end, and
    /// else for as long as its own timeout.
    fn may_wait(&mut self, key: CheckKey) -> bool {
        if self.sockets.in_flight() > 0 {
            self.starved_since = None;
            return true;
        }
        let now = Instant::now();
        now.duration_since(*self.starved_since.get_or_insert(now)) < self.checks[key].clock.timeout()
    }

    fn on_event(&mut self, event: Ready) {
        let socket = SocketKey::from_epoll(event.key);
        // An idle socket reports its disconnection; nobody is to be told.
        let Some(Probe { check, address }) = self.sockets.probe(socket) else { return };
        let verdict = probe::verdict(self.sockets.fd(socket), event.failed);
        self.on_verdict(check, socket, &address, verdict);
    }

    fn on_verdict(&mut self, key: CheckKey, socket: SocketKey, address: &SocketAddr, verdict: Verdict) {
        match verdict {
            Verdict::Pending => {}
            Verdict::Up { rtt_us, retransmits } => {
                // First of all the RST.
                self.sockets.release(socket);
                self.detach(key, socket);
                self.up(key, address, rtt_us, retransmits);
            }
            Verdict::Failed(errno) => {
                self.sockets.release(socket);
                self.detach(key, socket);
                self.fail_address(key, address, Status::of_network(errno), errno);
            }
            Verdict::SelfConnected => {
                self.sockets.close(socket);
                self.detach(key, socket);
                self.fail_address(key, address, Status::Refused, Errno::CONNREFUSED);
            }
            Verdict::Unknown(errno) => {
                self.sockets.close(socket);
                self.detach(key, socket);
                self.fail_address(key, address, Status::LocalError, errno);
            }
            Verdict::GaveUp => {
                let retransmits = probe::retransmits(self.sockets.fd(socket));
                self.sockets.close(socket);
                self.detach(key, socket);
                let check = &mut self.checks[key];
                check.resent += retransmits + 1;
                check.try_again(*address);
                self.enqueue(key, Some(Instant::now()));
            }
        }
    }

    /// Takes a socket, by now released or closed, off its check.
    fn detach(&mut self, key: CheckKey, socket: SocketKey) {
        self.checks[key].probes.retain(|probe| *probe != socket);
    }

    fn up(&mut self, key: CheckKey, address: &SocketAddr, rtt_us: u32, retransmits: u32) {
        let now = Instant::now();
        let check = &self.checks[key];
        let mut record = ResultRecord::new(check.id, Status::Up);
        record.set_address(address);
        check.stamp(&mut record, now);
        // The kernel takes no sample of a SYN sent twice unless the peer has timestamps (Karn's algorithm).
        record.rtt = match rtt_us {
            0 => record.duration - record.dns_time,
            us => milliseconds(Duration::from_micros(us.into())),
        };
        record.retransmits = check.resent + retransmits;
        self.finish(key, record);
    }

    /// Says that one address of a check failed; the check goes on while it has others.
    fn fail_address(&mut self, key: CheckKey, address: &SocketAddr, status: Status, errno: Errno) {
        let now = Instant::now();
        let check = &mut self.checks[key];
        let mut record = ResultRecord { code: errno.raw_os_error(), ..ResultRecord::new(check.id, status) };
        record.set_address(address);
        check.stamp(&mut record, now);
        let Target::Name(name) = &mut check.target else { return self.finish(key, record) };
        let heavier = |best: &ResultRecord| weight(best) >= weight(&record);
        if !name.failure.as_ref().is_some_and(heavier) {
            name.failure = Some(record);
        }
        if !name.addresses.is_empty() {
            self.enqueue(key, Some(now));
        } else if check.probes.is_empty() {
            let mut record = name.failure.unwrap_or(record);
            check.stamp(&mut record, now);
            self.finish(key, record);
        }
    }

    /// Ends a check without an address.
    fn fail(&mut self, key: CheckKey, mut record: ResultRecord) {
        let check = &self.checks[key];
        record.id = check.id;
        check.stamp(&mut record, Instant::now());
        self.finish(key, record);
    }

    fn on_deadlines(&mut self) {
        let now = Instant::now();
        for _ in 0..PASS {
            let Some((at, key)) = self.deadlines.pop_due(now) else { return };
            match self.checks.get_mut(key) {
                Some(check) if check.clock.deadline() == Some(at) => {
                    self.time_out(key);
                    // Its end counted the entry as stale; it is out already.
                    self.deadlines.was_stale();
                }
                Some(Check { target: Target::Name(name), .. }) if name.next_attempt == Some(at) => {
                    name.next_attempt = None;
                    if !name.addresses.is_empty() {
                        self.enqueue(key, Some(now));
                    }
                }
                _ => self.deadlines.was_stale(),
            }
        }
    }

    fn time_out(&mut self, key: CheckKey) {
        // No time is left for other addresses.
        if let Target::Name(name) = &mut self.checks[key].target {
            name.addresses.clear();
        }
        // An answer may have come in the very last moment, and its event not been read yet: the kernel knows.
        for socket in self.checks[key].probes.clone() {
            let Some(Probe { address, .. }) = self.sockets.probe(socket) else { continue };
            match probe::verdict(self.sockets.fd(socket), true) {
                Verdict::Pending | Verdict::GaveUp => {}
                verdict => self.on_verdict(key, socket, &address, verdict),
            }
            if !self.checks.contains_key(key) {
                return;
            }
        }
        let check = &self.checks[key];
        let mut record = ResultRecord::new(check.id, Status::ResolveTimeout);
        if let Some(&socket) = check.probes.first()
            && let Some(Probe { address, .. }) = self.sockets.probe(socket)
        {
            record.status = Status::Timeout as u8;
            record.retransmits = check.resent + probe::retransmits(self.sockets.fd(socket));
            record.set_address(&address);
        }
        // Another address of the name may have failed in a way that tells more than this one's silence.
        if let Target::Name(name) = &check.target
            && let Some(failure) = name.failure
            && weight(&failure) > weight(&record)
        {
            record = failure;
        }
        check.stamp(&mut record, Instant::now());
        self.finish(key, record);
    }

    fn finish(&mut self, key: CheckKey, mut record: ResultRecord) {
        let Some(check) = self.checks.remove(key) else { return };
        if let Some(siblings) = self.by_id.get_mut(&check.id) {
            siblings.retain(|sibling| *sibling != key);
            if siblings.is_empty() {
                self.by_id.remove(&check.id);
            } else {
                record.more = 1;
            }
        }
        self.abandon(check);
        self.tell(record);
    }

    /// Lets go of all that a check has, after it was removed.
    fn abandon(&mut self, check: Check) {
        for socket in check.probes {
            self.sockets.close(socket);
        }
        if check.clock.deadline().is_some() {
            self.forget_deadline();
        }
        if let Target::Name(name) = check.target {
            if name.next_attempt.is_some() {
                self.forget_deadline();
            }
            if let Some(lookup) = name.lookup {
                self.resolver.abandon(&lookup);
            }
        }
    }

    fn start_clock(&mut self, key: CheckKey, now: Instant) {
        if let Some(deadline) = self.checks[key].clock.start(now) {
            self.deadlines.set(deadline, key);
        }
    }

    fn pause_clock(&mut self, key: CheckKey, now: Instant) {
        if self.checks[key].clock.pause(now) {
            self.forget_deadline();
        }
    }

    fn forget_deadline(&mut self) {
        let checks = &self.checks;
        self.deadlines.forget(|at, key| checks.get(key).is_some_and(|check| check.wakes_at(at)));
    }

    fn time_to_sleep(&self, queue: Queue) -> Option<Duration> {
        if queue == Queue::Ready {
            return Some(Duration::ZERO);
        }
        let deadline = self.deadlines.next().map(|at| at.saturating_duration_since(Instant::now()));
        let retry = (queue == Queue::Starved).then_some(RETRY);
        [deadline, retry, self.sockets.trim_interval()].into_iter().flatten().min()
    }
}

const EAI_ADDRFAMILY: i32 = -9;

fn weight(record: &ResultRecord) -> u8 {
    Status::from_code(record.status).map_or(0, Status::weight)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// A reactor whose steps the test makes.
    fn reactor() -> Reactor<'static> {
        let (poller, waker) = Poller::new().unwrap();
        let mailbox = Box::leak(Box::new(Arc::new(Mailbox::new(waker))));
        Reactor::new(1, poller, mailbox, Box::leak(Box::new(Outbox::default())), 16)
    }

    /// A check whose time is up as soon as it runs.
    fn late(host: &str, port: u16) -> Request<'_> {
        let (family, resolve) = (None, Resolve::Any);
        Request { id: 7, host, port, timeout: Duration::ZERO, family, resolve, zero_linger: true }
    }

    fn outcomes(reactor: &Reactor<'_>) -> Vec<Status> {
        assert!(reactor.checks.is_empty() && reactor.by_id.is_empty());
        assert_eq!(reactor.sockets.in_flight(), 0);
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
        assert!(reactor.resolver.is_idle());
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
        let _backlog = std::net::TcpStream::connect(silent.1).unwrap();
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
}
