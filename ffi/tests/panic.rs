//! A panic of the engine ends the engine, and says so; it doesn't end the process.
#![cfg(feature = "faults")]

mod common;

use common::{Checks, Silent, accepted, host_and_port, listener, request};
use tcp_shaker::Outcome;
use tcp_shaker::status::Status;

#[test]
fn a_panic_is_delivered_as_the_end() {
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    let mut checks = Checks::start();
    checks.submit((0..100).map(|id| request(id, &host, port)));
    checks.engine.panic();
    assert!(checks.next().is_none());
    // It is gone, but can be talked to.
    checks.submit([request(100, &host, port)]);
    checks.engine.cancel(1);
    assert_eq!(checks.engine.stop(), Outcome::Panicked);
}

#[test]
fn results_from_before_a_panic_are_delivered() {
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let mut checks = Checks::start();
    checks.submit((0..100).map(|id| request(id, &host, port)));
    for record in checks.take(100) {
        assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
    }
    checks.engine.panic();
    assert!(checks.next().is_none());
    assert_eq!(accepted(&target), 0);
}

#[test]
fn another_engine_goes_on() {
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let (mut one, mut other) = (Checks::start(), Checks::start());
    one.engine.panic();
    assert!(one.next().is_none());
    assert_eq!(Status::from_code(other.check(request(1, &host, port)).status), Some(Status::Up));
    assert_eq!(other.engine.stop(), Outcome::Stopped);
    assert_eq!(one.engine.stop(), Outcome::Panicked);
}
