//! A panic of the engine thread ends the engine and is reported, and does not end the process.
#![cfg(feature = "faults")]

mod common;

use std::sync::{Mutex, MutexGuard, PoisonError};

use common::{Checks, Silent, assert_reported, host_and_port, listener, request};
use tcp_shaker::Outcome;
use tcp_shaker::faults::{Call, Fault, Plan, arm};
use tcp_shaker::status::Status;

/// Serializes the tests, which share the armed plan.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes an engine panic, by one more check.
fn panic(checks: &Checks, host: &str, port: u16) {
    arm(Plan { call: Call::Connect, fault: Fault::Panic, after: 0, every: 1, times: 1 });
    checks.submit([request(u32::MAX, host, port)]);
}

#[test]
fn a_panic_is_delivered_as_the_end() {
    let _turn = turn();
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    let mut checks = Checks::start();
    checks.submit((0..100).map(|id| request(id, &host, port)));
    panic(&checks, &host, port);
    assert!(checks.next().is_none());
    // Calls after the engine's end are harmless.
    checks.submit([request(100, &host, port)]);
    checks.engine.cancel(1);
    assert_eq!(checks.engine.stop(), Outcome::Panicked);
}

#[test]
fn results_from_before_a_panic_are_delivered() {
    let _turn = turn();
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let mut checks = Checks::start();
    checks.submit((0..100).map(|id| request(id, &host, port)));
    let records = checks.take(100);
    for record in &records {
        assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
    }
    panic(&checks, &host, port);
    assert!(checks.next().is_none());
    assert_reported(&target, &records);
}

#[test]
fn a_panic_does_not_end_another_engine() {
    let _turn = turn();
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let (mut one, mut other) = (Checks::start(), Checks::start());
    panic(&one, &host, port);
    assert!(one.next().is_none());
    assert_eq!(Status::from_code(other.check(request(1, &host, port)).status), Some(Status::Up));
    assert_eq!(other.engine.stop(), Outcome::Stopped);
    assert_eq!(one.engine.stop(), Outcome::Panicked);
}
