//! Single steps of a reactor.

mod lookups;
mod paced;
mod ports;
mod queue;
mod queue_timeout;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Mutex;

use rustix::io::Errno;

use super::queues::QueueState;
use super::stagger::ATTEMPT_DELAY;
use super::*;
use crate::keys::CheckKey;
use crate::reactor::checks::{Check, Name, Target};
use crate::reactor::mailbox::SentBefore;
use crate::record::{Family, Request, Resolve};
use crate::sockets::Sockets;
use crate::status::Status;

/// A reactor whose steps the test makes. The objects that it borrows are leaked, but reachable for a leak checker.
fn reactor() -> Reactor<'static> {
    reactor_among(1)
}

/// The reactor of the first of several threads. The other threads do not run.
fn reactor_among(threads: usize) -> Reactor<'static> {
    static LEAKED: Mutex<Vec<(&ThreadMailboxes, &Outbox)>> = Mutex::new(Vec::new());
    let (poller, waker) = Poller::new().unwrap();
    let others = (1..threads).map(|_| Poller::new().unwrap().1);
    let mailboxes: Arc<[_]> = std::iter::once(waker).chain(others).map(|waker| Arc::new(Mailbox::new(waker))).collect();
    let mailboxes = ThreadMailboxes::of_all(&mailboxes).next().unwrap();
    let mailboxes = Box::leak(Box::new(mailboxes));
    let outbox = Box::leak(Box::new(Outbox::default()));
    LEAKED.lock().unwrap().push((mailboxes, outbox));
    Reactor::new(1, poller, mailboxes, outbox, Box::new(Sockets::new(16, Config::default())), Config::default())
}

/// A check whose deadline passes at its start.
fn late(host: &str, port: u16) -> Request<'_> {
    let (family, resolve) = (None, Resolve::Any);
    Request {
        id: 7,
        host: host.into(),
        port,
        timeout: Duration::ZERO,
        queue_timeout: None,
        family,
        resolve,
        zero_linger: true,
    }
}

fn outcomes(reactor: &Reactor<'_>) -> Vec<Status> {
    assert!(reactor.checks.is_empty());
    assert_eq!(reactor.transport.in_flight(), 0);
    reactor.results.records.iter().map(|record| Status::from_code(record.status).unwrap()).collect()
}

#[test]
fn an_answer_that_was_not_read_before_the_deadline_counts() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // On loopback both answers have arrived when connect() returns.
    for outcome in [Status::Up, Status::Refused] {
        let mut reactor = reactor();
        let host = if outcome == Status::Up { "127.0.0.1" } else { "127.0.0.2" };
        reactor.accept(Ok(late(host, port)));
        reactor.start_probes();
        reactor.on_deadlines(Instant::now());
        assert_eq!(outcomes(&reactor), [outcome]);
    }
}

#[test]
fn segments_that_the_callers_thread_sent_are_in_the_result() {
    for acknowledged in [false, true] {
        let mut reactor = reactor();
        let mut batch = Vec::new();
        late("127.0.0.1", 9).encode(&mut batch);
        reactor.accept_batch(&batch, SentBefore { syns: 2, acknowledged });
        reactor.start_probes();
        reactor.on_deadlines(Instant::now());
        let [record] = reactor.results.records[..] else { panic!("one result was due") };
        assert_eq!((record.retransmits, record.full), (0, acknowledged.into()));
        assert_eq!(outcomes(&reactor), [Status::Refused]);
    }
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    rustix::net::listen(&silent, 0).unwrap();
    let address = silent.local_addr().unwrap();
    let _backlog = TcpStream::connect(address).unwrap();
    let mut reactor = reactor();
    let mut batch = Vec::new();
    late("127.0.0.1", address.port()).encode(&mut batch);
    reactor.accept_batch(&batch, SentBefore { syns: 2, acknowledged: false });
    reactor.start_probes();
    reactor.on_deadlines(Instant::now());
    assert_eq!(reactor.results.records[0].retransmits, 2);
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
        let socket = check.probes()[0].key;
        reactor.on_timer(key, socket, Instant::now());
        let retransmits = reactor.results.records[0].retransmits;
        assert_eq!((outcomes(&reactor), retransmits), (vec![outcome], 0));
    }
}

#[test]
fn an_ack_that_left_before_the_answer_was_read_is_reported() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut reactor = reactor();
    reactor.accept(Ok(late("127.0.0.1", listener.local_addr().unwrap().port())));
    reactor.start_probes();
    // The kernel sends the ACK after TCP_DELACK_MAX, 200 ms. Before that accept() does not return.
    listener.accept().unwrap();
    reactor.on_deadlines(Instant::now());
    let full = reactor.results.records[0].full;
    assert_eq!((outcomes(&reactor), full), (vec![Status::Up], 1));
}

#[test]
fn an_ack_to_another_address_of_a_name_is_reported() {
    let [slow, fast] = ["127.0.0.1:0", "127.0.0.2:0"].map(|at| TcpListener::bind(at).unwrap());
    let mut reactor = reactor();
    let addresses = [&slow, &fast].map(|listener| listener.local_addr().unwrap());
    resolved(&mut reactor, &Request { timeout: Duration::from_secs(60), ..late("two", 0) }, &addresses);
    reactor.start_probes();
    // The kernel completes its handshake, whose answer is not read.
    slow.accept().unwrap();
    let (key, _) = reactor.checks.iter().next().unwrap();
    reactor.try_next_address(key, Instant::now());
    reactor.start_probes();
    let winner = reactor.checks[key].probes()[1].key;
    reactor.on_timer(key, winner, Instant::now());
    let record = reactor.results.records[0];
    assert_eq!((outcomes(&reactor), record.address[3], record.full), (vec![Status::Up], 2, 1));
}

#[test]
fn an_answered_handshake_is_reset_by_a_cancellation_and_by_the_end() {
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
    // A connection that was closed with a FIN would be the first to be accepted.
    let visitor = TcpStream::connect(address).unwrap();
    assert_eq!(listener.accept().unwrap().1, visitor.local_addr().unwrap());
}

/// A check of a name with given addresses, without a lookup.
fn resolved(reactor: &mut Reactor<'_>, request: &Request<'_>, addresses: &[SocketAddr]) {
    let mut name = Name::new(request);
    name.addresses = addresses.iter().copied().collect();
    let key = reactor.checks.insert(Check::new(request, Target::Name(Box::new(name)), Instant::now()));
    reactor.enqueue(key, None);
}

fn pass(reactor: &mut Reactor<'_>, events: &mut Events) {
    reactor.start_probes();
    reactor.poller.wait(events, reactor.mailbox().waker(), Some(Duration::from_millis(1)), || false).unwrap();
    for event in events.ready() {
        reactor.on_event(event);
    }
    reactor.on_deadlines(Instant::now());
}

/// Listeners with full accept queues, which drop SYNs.
fn silent(addresses: &[SocketAddr]) -> Vec<(TcpListener, TcpStream)> {
    let open = |address: &SocketAddr| {
        let listener = TcpListener::bind(address).unwrap();
        rustix::net::listen(&listener, 0).unwrap();
        (listener, TcpStream::connect(address).unwrap())
    };
    addresses.iter().map(open).collect()
}

#[test]
fn timers_of_a_check_that_are_due_at_one_instant_are_all_handled() {
    let port = TcpListener::bind("127.0.0.9:0").unwrap().local_addr().unwrap().port();
    let addresses = (2..=9).map(|last| SocketAddr::from(([127, 0, 0, last], port))).collect::<Vec<_>>();
    let _silent = silent(&addresses);
    let mut reactor = reactor();
    // The delay is 150 ms, so that the seventh attempt is due when the first socket is renewed.
    let timeout = Duration::from_millis(1200);
    resolved(&mut reactor, &Request { timeout, ..late("eight", 0) }, &addresses);
    reactor.start_probes();
    let (_, check) = reactor.checks.iter().next().unwrap();
    let (renewal, deadline) = (check.probes()[0].timer().unwrap(), check.clock().deadline().unwrap());
    for attempt in 1..8 {
        let now = deadline - timeout + attempt * Duration::from_millis(150);
        assert_eq!(now == renewal, attempt == 6);
        // The heap after a sweep: one entry, and no stale one.
        reactor.checks.sweep();
        reactor.on_deadlines(now);
        reactor.start_probes();
        assert_eq!(reactor.transport.in_flight() as u32, attempt + 1);
    }
    reactor.on_deadlines(deadline);
    assert_eq!(outcomes(&reactor), [Status::Timeout]);
}

#[test]
fn each_address_of_a_name_is_tried_although_the_thread_wakes_late() {
    let live = TcpListener::bind("127.0.0.7:0").unwrap();
    let port = live.local_addr().unwrap().port();
    let addresses = (2..=7).map(|last| SocketAddr::from(([127, 0, 0, last], port))).collect::<Vec<_>>();
    let _silent = silent(&addresses[..5]);
    for timeout in [60, 80, 100].map(Duration::from_millis) {
        let mut reactor = reactor();
        resolved(&mut reactor, &Request { timeout, ..late("six", 0) }, &addresses);
        reactor.start_probes();
        let woken = reactor.checks.iter().next().unwrap().1.clock().deadline().unwrap() + Duration::from_millis(1);
        for probes in 2..=6 {
            reactor.on_deadlines(woken);
            reactor.start_probes();
            assert_eq!(reactor.transport.in_flight(), probes);
        }
        // All attempts start, and the last answer has its scheduled time.
        reactor.on_deadlines(woken + Duration::from_millis(9));
        assert!(reactor.results.is_empty());
        let mut events = Events::new();
        pass(&mut reactor, &mut events);
        assert_eq!(outcomes(&reactor), [Status::Up]);
        assert_eq!(reactor.results.records[0].address[3], 7);
    }
}

#[test]
fn refused_outweighs_the_timeout_of_another_address() {
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
        assert_eq!(reactor.results.records[0].address[3], 2);
    }
}
