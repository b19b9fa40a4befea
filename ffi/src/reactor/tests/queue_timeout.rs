//! The limit of a check's time in the queues.

use super::paced::{Paced, started};
use super::*;
use crate::transport::Verdict;

const LIMIT: Duration = Duration::from_secs(3600);

/// A check with a queue timeout and a timeout of an hour.
fn limited(id: u32, host: &str, port: u16) -> Request<'_> {
    Request { id, timeout: LIMIT, queue_timeout: Some(LIMIT), ..late(host, port) }
}

/// The results so far, by id.
fn results(reactor: &mut Reactor<'_>) -> Vec<(u32, Status)> {
    let reported =
        reactor.results.records.drain(..).map(|record| (record.id, Status::from_code(record.status).unwrap()));
    let mut results: Vec<_> = reported.collect();
    results.sort_unstable_by_key(|(id, _)| *id);
    results
}

#[test]
fn a_wait_for_the_rate_or_for_a_port_is_limited() {
    for port in [1, 2] {
        let (mut reactor, plan) = Paced::reactor();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        plan.lock().unwrap().without_port = vec![address];
        reactor.accept(Ok(limited(1, "127.0.0.1", port)));
        reactor.accept(Ok(Request { queue_timeout: None, ..limited(2, "127.0.0.1", port) }));
        reactor.accept(Ok(Request { queue_timeout: Some(2 * LIMIT), ..limited(3, "127.0.0.1", port) }));
        reactor.start_probes();
        reactor.on_deadlines(Instant::now());
        assert_eq!(results(&mut reactor), []);
        reactor.on_deadlines(Instant::now() + LIMIT);
        assert_eq!(results(&mut reactor), [(1, Status::QueueTimeout)]);
        // The other checks keep their places.
        *plan.lock().unwrap() = paced::Plan { left: 2, ..paced::Plan::default() };
        reactor.wake_port_waiter(&address);
        reactor.wake_port_waiter(&address);
        reactor.start_probes();
        assert_eq!(started(&reactor), [2, 3]);
        reactor.on_deadlines(Instant::now() + 2 * LIMIT);
        assert_eq!(results(&mut reactor), [(2, Status::Timeout), (3, Status::Timeout)]);
    }
}

#[test]
fn a_wait_for_a_lookup_is_limited() {
    let mut reactor = reactor();
    reactor.accept(Ok(limited(1, "localhost", 9)));
    reactor.on_deadlines(Instant::now() + LIMIT);
    assert_eq!(results(&mut reactor), [(1, Status::QueueTimeout)]);
    reactor.start_lookups();
    assert_eq!(reactor.lookups.in_flight(), 0);
}

#[test]
fn the_wait_of_one_address_outweighs_the_failure_of_another() {
    let (mut reactor, _plan) = Paced::reactor();
    let addresses = [2, 1].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    resolved(&mut reactor, &limited(1, "two", 0), &addresses);
    reactor.start_probes();
    let probe = reactor.checks.iter().next().unwrap().1.probes()[0].key;
    reactor.on_verdict(probe, Verdict::Failed(Errno::CONNREFUSED));
    reactor.start_probes();
    reactor.on_deadlines(Instant::now() + LIMIT);
    assert_eq!(results(&mut reactor), [(1, Status::QueueTimeout)]);
}
