//! A check that is cancelled in any state has no result.

mod common;

use std::time::Duration;

use common::{Checks, Silent, accepted, host_and_port, listener, open_files, proves, request};
use tcp_shaker::record::{Request, Resolve};
use tcp_shaker::status::Status;

#[test]
fn a_check_cancelled_while_connecting_has_no_result() {
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    let mut checks = Checks::start();
    let timeout = Duration::from_millis(20);
    checks.submit((0..100).map(|id| Request { timeout, ..request(id, &host, port) }));
    (0..100).for_each(|id| checks.engine.cancel(id));
    // Each check has either ended before its cancellation, or has no result, not even a later timeout.
    checks.leftovers();
    checks.check(Request { timeout: 2 * timeout, ..request(1000, &host, port) });
    assert!(checks.leftovers().is_empty());
}

#[test]
fn a_check_cancelled_in_the_queue_for_a_socket_has_no_result() {
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let mut checks = Checks::start();
    let count = 3000;
    let mut batch = Vec::new();
    (0..count).for_each(|id| request(id, &host, port).encode(&mut batch));
    checks.engine.submit(&batch);
    (0..count).filter(|id| id % 2 == 1).for_each(|id| checks.engine.cancel(id));
    let mut seen = vec![0; count as usize];
    while seen.iter().step_by(2).any(|count| *count == 0) {
        let record = checks.next().unwrap();
        assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
        seen[record.id as usize] += 1;
    }
    assert!(seen.iter().all(|count| *count <= 1));
    assert!(checks.leftovers().is_empty());
    assert_eq!(accepted(&target), 0);
    let reported: i32 = seen.iter().sum();
    let counted = format!("{count} checks, half of them cancelled: {reported} results, none twice, none later");
    proves(file!(), "a_check_cancelled_in_the_queue_for_a_socket_has_no_result", "once", &counted);
}

#[test]
fn a_check_cancelled_before_or_during_its_lookup_has_no_result() {
    let port = listener("127.0.0.1:0").local_addr().unwrap().port();
    let mut checks = Checks::start();
    // More names than concurrent lookups, so that some are in flight and the others wait.
    for resolve in [Resolve::Any, Resolve::First, Resolve::All, Resolve::Lookup] {
        checks.submit((0..200).map(|id| Request { resolve, ..request(id, "localhost", port) }));
        (0..200).for_each(|id| checks.engine.cancel(id));
        checks.leftovers();
        assert!(checks.leftovers().is_empty());
        // The cancelled lookups have released their slots.
        checks.submit((0..200).map(|id| Request { resolve: Resolve::First, ..request(id, "localhost", port) }));
        checks.take(200);
    }
}

#[test]
fn cancelling_an_unknown_id_changes_nothing() {
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let mut checks = Checks::start();
    checks.engine.cancel(0);
    checks.check(request(1, &host, port));
    checks.engine.cancel(1);
    checks.engine.cancel(3);
    assert_eq!(Status::from_code(checks.check(request(2, &host, port)).status), Some(Status::Up));
    assert!(checks.leftovers().is_empty());
}

#[test]
fn a_cancelled_check_frees_its_socket() {
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    let mut checks = Checks::start();
    checks.leftovers();
    checks.submit((0..500).map(|id| request(id, &host, port)));
    checks.leftovers();
    assert!(open_files() > 500);
    (0..500).for_each(|id| checks.engine.cancel(id));
    // Other tests of this process also open sockets.
    assert!(checks.leftovers().is_empty());
    common::eventually("the sockets are closed", || open_files() < 400);
}
