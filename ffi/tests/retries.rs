//! The limit of SYN retransmissions.

mod common;

use std::time::Duration;

use common::{Checks, Silent, host_and_port, request};
use tcp_shaker::Config;
use tcp_shaker::record::Request;
use tcp_shaker::status::Status;

#[test]
fn an_address_times_out_after_the_permitted_syns() {
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    let engines = [0, 1, 2].map(|limit| {
        let checks = Checks::start_as(Config { syn_retries: Some(limit), ..Config::default() }, |_| {});
        let ask = |id, zero_linger| Request { zero_linger, ..request(id, &host, port) };
        checks.submit([ask(1, true), ask(2, false)]);
        (limit, checks)
    });
    for (limit, mut checks) in engines {
        for record in checks.take(2) {
            let reported = (Status::from_code(record.status), record.retransmits);
            assert_eq!(reported, (Some(Status::Timeout), limit.into()), "{limit}: {record:?}");
            assert!(record.duration < request(0, "", 0).timeout.as_millis() as f64);
        }
    }
}

#[test]
fn a_limit_of_syns_does_not_move_the_deadline() {
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    let mut checks = Checks::start_as(Config { syn_retries: Some(0), ..Config::default() }, |_| {});
    let timeout = Duration::from_millis(950);
    let record = checks.check(Request { timeout, ..request(1, &host, port) });
    assert_eq!(Status::from_code(record.status), Some(Status::Timeout));
    assert!(record.duration >= 950.0, "{record:?}");
}
