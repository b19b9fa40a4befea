//! Targets without a free local port: waiters, and their order.

use super::super::probes::MAX_ADDRESSES_TRIED;
use super::paced::{Paced, Plan};
use super::*;

#[test]
fn a_woken_check_that_is_cancelled_wakes_the_next_waiter() {
    let mut reactor = reactor();
    let address = SocketAddr::from(([127, 0, 0, 1], 9));
    for id in 1..=3 {
        reactor.accept(Ok(Request { id, ..late("127.0.0.1", 9) }));
        let key = reactor.queues.unpaced.pop_front().unwrap();
        reactor.queues.wait_for_port(key, address, false, &mut reactor.checks);
    }
    reactor.cancel(2);
    let first =
        |reactor: &Reactor<'_>| reactor.queues.unpaced.front().and_then(|key| reactor.checks.get(*key)).unwrap().id;
    reactor.wake_port_waiter(&address);
    assert_eq!(first(&reactor), 1);
    reactor.cancel(1);
    assert_eq!(first(&reactor), 3);
    reactor.cancel(3);
    assert!(!reactor.queues.has_port_waiter(&address));
}

#[test]
fn a_woken_check_that_times_out_wakes_the_next_waiter() {
    let mut reactor = reactor();
    let address = SocketAddr::from(([127, 0, 0, 1], 9));
    for id in 1..=2 {
        resolved(&mut reactor, &Request { id, ..late("name", 9) }, &[address]);
        let key = reactor.queues.unpaced.pop_front().unwrap();
        reactor.queues.wait_for_port(key, address, false, &mut reactor.checks);
    }
    reactor.wake_port_waiter(&address);
    reactor.time_out(reactor.queues.unpaced[0]);
    assert_eq!(reactor.results.records.iter().map(|record| record.id).collect::<Vec<_>>(), [1]);
    assert!(!reactor.queues.has_port_waiter(&address));
    assert_eq!(reactor.queues.unpaced.iter().filter_map(|key| reactor.checks.get(*key)).count(), 1);
}

#[test]
fn a_check_without_a_port_moves_to_the_home_thread_of_its_address_and_no_further() {
    let mut reactor = reactor_among(2);
    let mut moved = 0;
    for host in 1..100u8 {
        let address = SocketAddr::from(([127, 0, 0, host], 9));
        reactor.accept(Ok(late(&address.ip().to_string(), 9)));
        let key = reactor.queues.unpaced.pop_front().unwrap();
        let home = reactor.mailboxes.home_of(&address);
        assert_eq!(reactor.move_home(key, &address), home.is_some());
        if let Some(home) = home {
            assert!(!reactor.checks.contains(key));
            let mut mail = Mail::default();
            assert!(home.take(&mut mail));
            assert_eq!((mail.moved.len(), mail.checks, mail.moved[0].id), (1, 1, 7));
            moved += 1;
        }
        reactor.cancel(7);
    }
    assert!((1..99).contains(&moved), "{moved}");
}

#[test]
fn port_waiters_are_shared_by_all_forms_of_an_address() {
    let mut reactor = reactor();
    for (given, other) in [("0.0.0.0:9", "127.0.0.1:9"), ("[2001:db8::1%1]:9", "[2001:db8::1]:9")] {
        let (given, other) = (given.parse().unwrap(), other.parse().unwrap());
        reactor.accept(Ok(late("127.0.0.1", 9)));
        let key = reactor.queues.unpaced.pop_front().unwrap();
        reactor.queues.wait_for_port(key, given, false, &mut reactor.checks);
        assert!(reactor.queues.has_port_waiter(&other));
        reactor.wake_port_waiter(&other);
        assert!(!reactor.queues.has_port_waiter(&given));
        assert_eq!(reactor.queues.unpaced.pop_front(), Some(key));
        reactor.cancel(7);
    }
}

/// Addresses of a name.
fn addresses<const COUNT: usize>() -> [SocketAddr; COUNT] {
    std::array::from_fn(|i| ([127, 0, 0, 1 + i as u8], 2).into())
}

/// Submits checks of a name with these addresses.
fn ask_for_name(reactor: &mut Reactor<'_>, ids: std::ops::RangeInclusive<u32>, addresses: &[SocketAddr]) {
    for id in ids {
        resolved(reactor, &Request { id, timeout: Duration::from_secs(9), ..late("name", 2) }, addresses);
    }
}

/// The probed addresses, by check.
fn probed(reactor: &Reactor<'_>) -> Vec<(u32, SocketAddr)> {
    let probes = reactor
        .checks
        .iter()
        .map(|(_, check)| check)
        .flat_map(|check| check.probes().iter().map(|probe| (check.id, probe.key)));
    let mut probed: Vec<_> = probes.map(|(id, key)| (id, reactor.transport.probe(key).unwrap().address)).collect();
    probed.sort_unstable();
    probed
}

/// The untried addresses of a check.
fn to_try(reactor: &Reactor<'_>, id: u32) -> Vec<SocketAddr> {
    let check = reactor.checks.iter().map(|(_, check)| check).find(|check| check.id == id).unwrap();
    (0..).map_while(|others| check.address_after(others)).collect()
}

#[test]
fn a_name_tries_another_address_while_one_has_no_port() {
    let (mut reactor, plan) = Paced::reactor();
    let [a, b, c] = addresses();
    plan.lock().unwrap().without_port = vec![a];
    ask_for_name(&mut reactor, 1..=1, &[a, b, c]);
    // An address is skipped if other checks wait for its port.
    ask_for_name(&mut reactor, 2..=2, &[a]);
    ask_for_name(&mut reactor, 3..=3, &[a, b]);
    assert!(matches!(reactor.start_probes(), QueueState::Waits));
    assert_eq!(probed(&reactor), [(1, b), (3, b)]);
    assert_eq!(to_try(&reactor, 1), [c, a]);
    assert!(reactor.queues.has_port_waiter(&a));
    // The skipped address is tried last.
    plan.lock().unwrap().without_port.clear();
    let mut now = Instant::now();
    for expected in [vec![(1, b), (1, c), (3, a), (3, b)], vec![(1, a), (1, b), (1, c), (3, a), (3, b)]] {
        reactor.wake_port_waiter(&a);
        now = now + ATTEMPT_DELAY;
        reactor.on_deadlines(now);
        reactor.start_probes();
        let of_names: Vec<_> = probed(&reactor).into_iter().filter(|(id, _)| *id != 2).collect();
        assert_eq!(of_names, expected);
    }
}

#[test]
fn a_name_waits_for_a_port_of_its_first_address_when_none_has_one() {
    let (mut reactor, plan) = Paced::reactor();
    let [a, b] = addresses();
    plan.lock().unwrap().without_port = vec![a, b];
    ask_for_name(&mut reactor, 1..=3, &[a, b]);
    assert!(matches!(reactor.start_probes(), QueueState::Waits));
    assert!(reactor.queues.has_port_waiter(&a) && !reactor.queues.has_port_waiter(&b));
    // A woken check that finds no port is the first waiter again.
    reactor.wake_port_waiter(&a);
    reactor.start_probes();
    assert_eq!((probed(&reactor), to_try(&reactor, 1)), (vec![], vec![a, b]));
    plan.lock().unwrap().without_port = vec![b];
    reactor.wake_port_waiter(&a);
    reactor.start_probes();
    assert_eq!(probed(&reactor), [(1, a)]);
    // Another address is tried if it has a port now.
    *plan.lock().unwrap() = Plan { without_port: vec![a], ..Plan::default() };
    reactor.wake_port_waiter(&a);
    reactor.start_probes();
    assert_eq!(probed(&reactor), [(1, a), (2, b)]);
}

#[test]
fn a_check_woken_for_one_port_is_not_first_for_another() {
    let (mut reactor, plan) = Paced::reactor();
    let [a, b] = addresses();
    plan.lock().unwrap().without_port = vec![a, b];
    ask_for_name(&mut reactor, 1..=1, &[a, b]);
    ask_for_name(&mut reactor, 2..=2, &[b]);
    reactor.start_probes();
    reactor.wake_port_waiter(&a);
    plan.lock().unwrap().without_port = vec![a];
    reactor.start_probes();
    assert!(probed(&reactor).is_empty());
    reactor.wake_port_waiter(&b);
    reactor.start_probes();
    assert_eq!(probed(&reactor), [(2, b)]);
}

#[test]
fn a_pass_tries_a_limited_number_of_addresses_without_a_port() {
    let (mut reactor, plan) = Paced::reactor();
    let addresses: [SocketAddr; MAX_ADDRESSES_TRIED + 1] = addresses();
    for count in [MAX_ADDRESSES_TRIED - 1, MAX_ADDRESSES_TRIED] {
        plan.lock().unwrap().without_port = addresses[..count].to_vec();
        ask_for_name(&mut reactor, 1..=1, &addresses);
        reactor.start_probes();
        let is_probed = !probed(&reactor).is_empty();
        assert_eq!(
            (is_probed, reactor.queues.has_port_waiter(&addresses[0])),
            (count < MAX_ADDRESSES_TRIED, count == MAX_ADDRESSES_TRIED)
        );
        reactor.cancel(1);
    }
}
