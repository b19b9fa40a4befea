//! A blocked receiver of results, such as a busy JavaScript thread, delays no RST.

mod common;

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use common::{Checks, assert_reported, host_and_port, listener, request};
use tcp_shaker::status::Status;

#[test]
fn a_blocked_receiver_of_results_delays_no_rst() {
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let (called, calls) = channel();
    // More than twice the time by which the kernel delays an ACK (200 ms).
    let block = Duration::from_millis(500);
    let mut first = true;
    let mut checks = Checks::start_with(move |_| {
        if std::mem::take(&mut first) {
            called.send(Instant::now()).unwrap();
            std::thread::sleep(block);
        }
    });
    checks.submit([request(0, &host, port)]);
    let since = calls.recv().unwrap();
    checks.submit((1..3000).map(|id| request(id, &host, port)));
    let records = checks.take(3000);
    for record in &records {
        assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
    }
    assert!(since.elapsed() >= block);
    assert_reported(&target, &records);
}
