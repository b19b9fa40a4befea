//! The order in which queued checks start, and blocked SYNs.

use super::super::checks::Attempt;
use super::super::probes::PASS_DURATION;
use super::paced::{Paced, ask, started};
use super::*;

#[test]
fn a_check_that_waits_for_the_rate_delays_no_other_and_keeps_its_place() {
    let (mut reactor, plan) = Paced::reactor();
    for (id, port) in [(1, 1), (2, 1), (3, 2), (4, 1), (5, 2)] {
        ask(&mut reactor, id, port);
    }
    assert!(matches!(reactor.start_probes(), QueueState::Later(wait) if wait == Duration::from_secs(1)));
    assert_eq!(started(&reactor), [3, 5]);
    // Later checks go to the end of the queue.
    for (id, port) in [(6, 1), (7, 2)] {
        ask(&mut reactor, id, port);
    }
    plan.lock().unwrap().left = 1;
    assert!(matches!(reactor.start_probes(), QueueState::Later(_)));
    assert_eq!(started(&reactor), [1, 3, 5, 7]);
    reactor.cancel(2);
    plan.lock().unwrap().left = 1;
    assert!(matches!(reactor.start_probes(), QueueState::Later(_)));
    assert_eq!(started(&reactor), [1, 3, 4, 5, 7]);
    plan.lock().unwrap().left = 9;
    assert!(matches!(reactor.start_probes(), QueueState::Waits));
    assert_eq!(started(&reactor), [1, 3, 4, 5, 6, 7]);
}

#[test]
fn a_check_with_a_blocked_syn_delays_no_other_and_ends_in_time() {
    let (mut reactor, plan) = Paced::reactor();
    plan.lock().unwrap().full = vec![3];
    // The check is still pending.
    reactor.accept(Ok(Request { id: 1, timeout: Duration::from_secs(3600), ..late("127.0.0.1", 2) }));
    (2..=600).for_each(|id| ask(&mut reactor, id, 3));
    ask(&mut reactor, 601, 2);
    while reactor.start_probes() == QueueState::Ready {
        assert!(!reactor.send());
    }
    assert_eq!(started(&reactor), (1..=601).collect::<Vec<_>>());
    while reactor.results.records.len() < 600 {
        assert!(!reactor.send());
        reactor.on_deadlines(Instant::now());
    }
    reactor.results.records.retain(|record| record.code == Errno::NOBUFS.raw_os_error());
    let ids = reactor.results.records.iter().map(|record| record.id).collect::<std::collections::BTreeSet<_>>();
    assert!(ids.into_iter().eq(2..=600));
    reactor.cancel(1);
    assert_eq!(outcomes(&reactor), [Status::LocalError; 599]);
}

#[test]
fn the_time_of_a_blocked_syn_is_not_counted() {
    let (mut reactor, plan) = Paced::reactor();
    plan.lock().unwrap().full = vec![2];
    ask(&mut reactor, 1, 2);
    reactor.start_probes();
    reactor.send();
    let blocked = Instant::now();
    let deadline = |reactor: &Reactor<'_>| reactor.checks.iter().next().unwrap().1.clock().deadline().unwrap();
    let left = deadline(&reactor).since(blocked);
    std::thread::sleep(Duration::from_millis(60));
    plan.lock().unwrap().full.clear();
    let departed = Instant::now();
    reactor.send();
    assert!(deadline(&reactor) >= departed + left);
    assert_eq!(started(&reactor), [1]);
    while !reactor.checks.is_empty() {
        reactor.on_deadlines(Instant::now());
    }
    assert_eq!(outcomes(&reactor), [Status::Timeout]);
}

#[test]
fn a_name_tries_another_address_when_the_first_is_blocked() {
    let (mut reactor, plan) = Paced::reactor();
    plan.lock().unwrap().full = vec![3];
    let addresses = [3, 2].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    resolved(&mut reactor, &Request { timeout: 2 * ATTEMPT_DELAY, ..late("two", 0) }, &addresses);
    let mut both = false;
    while reactor.results.is_empty() {
        reactor.start_probes();
        reactor.send();
        reactor.on_deadlines(Instant::now());
        both |= reactor.transport.in_flight() == 2;
    }
    assert!(both);
    assert_eq!(outcomes(&reactor).len(), 1);
}

#[test]
fn no_check_starts_during_passes_of_slow_cancellations() {
    let (mut reactor, plan) = Paced::reactor();
    (1..=3).for_each(|id| ask(&mut reactor, id, 2));
    reactor.start_probes();
    ask(&mut reactor, 4, 2);
    plan.lock().unwrap().cancelling = PASS_DURATION;
    for id in [1, 2, 4] {
        reactor.mailbox().post(|mail| mail.cancelled.push(id));
    }
    reactor.read_mail();
    assert!(!reactor.cancel_queued());
    assert_eq!(started(&reactor), [2, 3]);
    while !reactor.cancel_queued() {}
    reactor.start_probes();
    assert_eq!(started(&reactor), [3]);
    reactor.cancel(3);
    assert_eq!(outcomes(&reactor), []);
}

#[test]
fn answers_are_read_while_an_engine_ends() {
    let (mut reactor, plan) = Paced::reactor();
    (1..=3).for_each(|id| ask(&mut reactor, id, 2));
    reactor.start_probes();
    plan.lock().unwrap().cancelling = PASS_DURATION;
    let (last, check) = reactor.checks.iter().last().unwrap();
    let answer = std::os::unix::net::UnixDatagram::unbound().unwrap();
    reactor.poller.add(&answer, check.probes()[0].key.to_epoll()).unwrap();
    reactor.end(&mut Events::new()).unwrap();
    assert_eq!(plan.lock().unwrap().ended, [last]);
}

#[test]
fn the_time_of_blocked_syns_to_all_addresses_is_not_counted() {
    // The SYNs are reported in either order, in one pass or in two.
    for order in [&[&[3, 4][..]][..], &[&[4, 3]], &[&[3], &[4]], &[&[4], &[3]]] {
        let (mut reactor, plan) = Paced::reactor();
        plan.lock().unwrap().full = vec![3, 4];
        let addresses = [3, 4].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        let timeout = 2 * ATTEMPT_DELAY;
        resolved(&mut reactor, &Request { timeout, ..late("two", 0) }, &addresses);
        while reactor.transport.in_flight() < 2 {
            reactor.start_probes();
            reactor.send();
            reactor.on_deadlines(Instant::now());
        }
        reactor.send();
        let check = reactor.checks.iter().next().unwrap().1;
        let blocked = check.probes().iter().filter_map(Attempt::blocked_since).min().unwrap();
        // The second attempt was late, and postponed the deadline; a stopped clock keeps at most the timeout.
        let left = check.clock().deadline().unwrap().since(blocked).min(timeout);
        let departed = Instant::now();
        for ports in order {
            plan.lock().unwrap().full.retain(|port| !ports.contains(port));
            plan.lock().unwrap().order = ports.to_vec();
            reactor.send();
        }
        let deadline = reactor.checks.iter().next().unwrap().1.clock().deadline().unwrap();
        assert!(deadline >= departed + left, "{order:?}: {:?}", deadline.since(departed));
        reactor.cancel(7);
        assert_eq!(outcomes(&reactor), []);
    }
}
