//! A lookup that ends in time counts, although the engine thread reads it after the deadline.
#![cfg(feature = "faults")]

mod common;

use std::time::Duration;

use common::{Checks, host_and_port, proves, request};
use tcp_shaker::faults::{Call, Fault, Plan, arm, disarm};
use tcp_shaker::record::Request;
use tcp_shaker::status::Status;

#[test]
fn the_delay_of_reading_a_lookup_does_not_count() {
    const NAME: &str = "the_delay_of_reading_a_lookup_does_not_count";
    const TIMEOUT: Duration = Duration::from_millis(300);
    let (_, port) = host_and_port(common::free_address("127.0.0.1:0"));
    let mut checks = Checks::start();
    arm(Plan {
        call: Call::EpollWait,
        fault: Fault::Stall(TIMEOUT + Duration::from_millis(100)),
        after: 0,
        every: 1,
        times: u32::MAX,
    });
    let record = checks.check(Request { timeout: TIMEOUT, ..request(0, "localhost", port) });
    disarm();
    assert_eq!(Status::from_code(record.status), Some(Status::Refused), "{record:?}");
    assert!(record.dns_time < 300.0 && record.queue_time > 0.0, "{record:?}");
    proves(file!(), NAME, "names", "a lookup read 100 ms after the deadline: its address is probed");
}
