//! During a pause between the last reading of a socket and its RST the ACK is sent, and the result reports it.
#![cfg(feature = "faults")]

mod common;

use std::time::Duration;

use common::{Checks, DirectEngine, assert_reported, host_and_port, listener, proves, request};
use tcp_shaker::faults::{Call, Fault, Plan, arm, disarm};
use tcp_shaker::record::ResultRecord;
use tcp_shaker::status::Status;

const CHECKS: u32 = 5;

/// Delays each RST after the reading of the socket, like strace's `inject=getsockopt:delay_exit`.
fn delay_resets(delay: Duration) {
    arm(Plan { call: Call::Disconnect, fault: Fault::Stall(delay), after: 0, every: 1, times: CHECKS });
}

/// Makes checks one after the other, on one of the two paths, and asserts that each result reports its ACK.
fn accepted_and_told(mut check: impl FnMut(u32, &str, u16) -> ResultRecord) {
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    for id in 0..CHECKS {
        let record = check(id, &host, port);
        assert_eq!((Status::from_code(record.status), record.full), (Some(Status::Up), 1), "{record:?}");
        // Waits for the connection.
        target.accept().unwrap();
    }
    assert_eq!(disarm(), CHECKS);
    // Without a pause the same socket reports no ACK.
    let record = check(CHECKS, &host, port);
    assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
    assert_reported(&target, &[record]);
}

#[test]
fn an_ack_that_left_after_the_last_reading_is_reported() {
    const DELAY: Duration = Duration::from_millis(250);
    delay_resets(DELAY);
    let mut checks = Checks::start();
    accepted_and_told(|id, host, port| checks.check(request(id, host, port)));

    delay_resets(DELAY);
    let direct = DirectEngine::new();
    accepted_and_told(|id, host, port| {
        assert!(direct.submit(&[request(id, host, port)]));
        direct.take()[0]
    });
    let counted = format!("{} RSTs 250 ms late: {0} accepted, {0} reported with mode \"full\"", 2 * CHECKS);
    proves(file!(), "an_ack_that_left_after_the_last_reading_is_reported", "invisible", &counted);
}
