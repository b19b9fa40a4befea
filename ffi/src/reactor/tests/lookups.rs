//! Lookups that checks share.

use super::*;

#[test]
fn a_name_that_was_resolved_too_late_is_not_probed() {
    let mut reactor = reactor();
    reactor.accept(Ok(late("localhost", 9)));
    reactor.start_lookups();
    while !reactor.mailbox().is_filled() {
        std::thread::yield_now();
    }
    reactor.read_mail();
    assert_eq!(outcomes(&reactor), [Status::ResolveTimeout]);
    assert!(reactor.queues.unpaced.is_empty());
    assert_eq!(reactor.lookups.in_flight(), 0);
}

#[test]
fn checks_that_wait_for_the_same_lookup_share_it() {
    let mut reactor = reactor();
    let ask = |id, family| Ok(Request { id, family, timeout: Duration::from_secs(20), ..late("localhost", 9) });
    reactor.accept(ask(1, None));
    reactor.accept(ask(2, None));
    reactor.accept(ask(3, Some(Family::V4)));
    reactor.start_lookups();
    assert_eq!(reactor.lookups.in_flight(), 2);
    // A lookup in flight is not joined.
    reactor.accept(ask(4, None));
    reactor.accept(ask(5, None));
    reactor.cancel(5);
    reactor.start_lookups();
    assert_eq!(reactor.lookups.in_flight(), 3);
    reactor.cancel(1);
    reactor.cancel(2);
    while reactor.lookups.in_flight() != 0 {
        reactor.read_mail();
        std::thread::yield_now();
    }
    // The checks that were not cancelled continue.
    assert_eq!(reactor.queues.unpaced.len(), 2);
}

#[test]
fn a_lookup_is_shared_by_as_many_checks_as_one_pass_handles() {
    let mut reactor = reactor();
    for id in 0..=2 * ENTRIES_PER_PASS as u32 {
        reactor.accept(Ok(Request { id, timeout: Duration::from_secs(20), ..late("localhost", 9) }));
    }
    reactor.accept(Ok(Request { id: u32::MAX, ..late("other.invalid", 9) }));
    let taken = std::iter::from_fn(|| reactor.lookups.queue.pop(|_| true));
    let taken: Vec<_> = taken.map(|(question, checks)| (question.host.to_string(), checks.len())).collect();
    let expected =
        [("localhost", ENTRIES_PER_PASS), ("other.invalid", 1), ("localhost", ENTRIES_PER_PASS), ("localhost", 1)];
    assert_eq!(taken, expected.map(|(host, checks)| (host.to_string(), checks)));
    assert!(reactor.lookups.queue.is_empty());
}

#[test]
fn the_answer_to_a_cancelled_lookup_is_given_to_no_other_check() {
    let mut reactor = reactor();
    reactor.accept(Ok(late("localhost", 9)));
    reactor.start_lookups();
    reactor.cancel(7);
    // The second check has the first one's slot in the table, and waits for another lookup.
    reactor.accept(Ok(late("name", 9)));
    while !reactor.mailbox().is_filled() {
        std::thread::yield_now();
    }
    reactor.read_mail();
    assert!(reactor.checks.len() == 1 && !reactor.lookups.queue.is_empty());
    assert!(reactor.queues.unpaced.is_empty() && reactor.results.is_empty());
    assert_eq!(reactor.lookups.in_flight(), 0);
}

#[test]
fn zones_take_turns_and_a_zone_at_its_limit_is_skipped() {
    let mut reactor = reactor();
    let names = ["a.one", "b.one", "c.one", "a.two", "localhost"];
    for (id, name) in names.into_iter().enumerate() {
        reactor.accept(Ok(late(name, id as u16)));
    }
    let mut pop =
        |refused: &str| reactor.lookups.queue.pop(|zone| zone != refused).map(|(name, _)| name.host.to_string());
    assert_eq!(pop("one").as_deref(), Some("a.two"));
    let others: Vec<_> = std::iter::from_fn(|| pop("")).collect();
    assert_eq!(others, ["a.one", "localhost", "b.one", "c.one"]);
}
