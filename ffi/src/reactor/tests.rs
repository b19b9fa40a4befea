//! Steps of a reactor, made one by one.

use std::net::{SocketAddr, TcpListener};

use super::probes::ATTEMPT_DELAY;
use super::*;
use crate::record::Resolve;

/// Lends a reactor, whose steps the test makes.
fn with_reactor(test: impl FnOnce(&mut Reactor<'_>)) {
    let (poller, waker) = Poller::new().unwrap();
    let mailbox = Arc::new(Mailbox::new(waker));
    test(&mut Reactor::new(1, poller, &mailbox, &Outbox::default(), 16));
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
        let host = if outcome == Status::Up { "127.0.0.1" } else { "127.0.0.2" };
        with_reactor(|reactor| {
            reactor.accept(Ok(late(host, port)));
            reactor.start_probes();
            reactor.on_deadlines();
            assert_eq!(outcomes(reactor), [outcome]);
        });
    }
}

#[test]
fn a_name_that_was_resolved_too_late_is_not_probed() {
    with_reactor(|reactor| {
        reactor.accept(Ok(late("localhost", 9)));
        reactor.start_lookups();
        while !reactor.mailbox.is_filled() {
            std::thread::yield_now();
        }
        reactor.read_mail();
        assert_eq!(outcomes(reactor), [Status::ResolveTimeout]);
        assert!(reactor.for_socket.is_empty());
        assert!(reactor.resolver.is_idle());
    });
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
        let timeout = ATTEMPT_DELAY + Duration::from_millis(50);
        with_reactor(|reactor| {
            resolved(reactor, &Request { timeout, ..late("two", 0) }, &addresses);
            let mut events = Events::new();
            while reactor.results.is_empty() {
                pass(reactor, &mut events);
            }
            assert_eq!(outcomes(reactor), [Status::Refused]);
            assert_eq!(reactor.results[0].address[3], 2);
        });
    }
}
