//! The timeout of a silent target is never early, even if the engine is busy.

mod common;

use std::time::{Duration, Instant};

use common::{Checks, Silent, TIME_LIMIT, assert_reported, host_and_port, listener, namespace, proves, request};
use tcp_shaker::record::{MAX_TIMEOUT, Request};
use tcp_shaker::status::Status;

#[test]
fn a_timeout_is_never_early() {
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    let mut checks = Checks::start();
    let mut took = Vec::new();
    for (id, micros) in [0, 1, 999, 1000, 1001, 2500, 50_000].into_iter().enumerate() {
        let timeout = Duration::from_micros(micros);
        let before = Instant::now();
        let record = checks.check(Request { timeout, ..request(id as u32, &host, port) });
        let elapsed = before.elapsed();
        assert!(elapsed >= timeout, "{timeout:?}");
        took.push(format!("{micros} us took {}", elapsed.as_micros()));
        assert_eq!(Status::from_code(record.status), Some(Status::Timeout), "{record:?}");
        assert!(record.duration >= micros as f64 / 1000.0, "{record:?}");
        assert_eq!((record.code, record.family, record.rtt), (0, 4, 0.0));
    }
    proves(file!(), "a_timeout_is_never_early", "deadlines", &took.join(", "));
}

#[test]
fn a_timeout_is_not_early_because_another_is_due() {
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    let mut checks = Checks::start();
    // Many deadlines within each millisecond, the resolution of epoll's timeout.
    let timeout = |id| Duration::from_millis(20) + id * Duration::from_micros(100);
    checks.submit((0..1000).map(|id| Request { timeout: timeout(id), ..request(id, &host, port) }));
    for record in checks.take(1000) {
        assert_eq!(Status::from_code(record.status), Some(Status::Timeout), "{record:?}");
        assert!(record.duration >= timeout(record.id).as_secs_f64() * 1000.0, "{record:?}");
    }
}

#[test]
fn the_longest_timeout_does_not_overflow() {
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    let mut checks = Checks::start();
    checks.submit([Request { timeout: MAX_TIMEOUT, ..request(1, &host, port) }]);
    // The engine still runs and answers.
    assert!(checks.leftovers().is_empty());
    let longer = Request { timeout: MAX_TIMEOUT + Duration::from_millis(1), ..request(2, &host, port) };
    let record = checks.check(longer);
    assert_eq!(Status::from_code(record.status), Some(Status::LocalError), "{record:?}");
    assert_eq!(record.code, rustix::io::Errno::INVAL.raw_os_error());
}

#[test]
fn no_ack_leaves_while_thousands_of_deadlines_are_due() {
    let silent = Silent::new();
    let (silent_host, silent_port) = host_and_port(silent.address);
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let mut checks = Checks::start();
    let count = 8000.min(checks.engine.window() as u32);
    let timeout = Duration::from_millis(300);
    checks.submit((0..count).map(|id| Request { timeout, ..request(id, &silent_host, silent_port) }));
    // Meanwhile, sequential checks of an open port.
    let (mut up, mut timeouts, mut id) = (Vec::new(), vec![0; count as usize], count);
    checks.submit([request(id, &host, port)]);
    while timeouts.contains(&0) {
        let record = checks.next().unwrap();
        if record.id < count {
            assert_eq!(Status::from_code(record.status), Some(Status::Timeout), "{record:?}");
            timeouts[record.id as usize] += 1;
        } else {
            assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
            up.push(record);
            id += 1;
            checks.submit([request(id, &host, port)]);
        }
    }
    assert!(timeouts.iter().all(|count| *count == 1));
    assert!(!up.is_empty());
    assert_reported(&target, &up);
    let up = up.len();
    let counted = format!("{up} checks up while {count} timed out at once; no unreported connection accepted");
    proves(file!(), "no_ack_leaves_while_thousands_of_deadlines_are_due", "invisible", &counted);
}

#[test]
fn a_probe_is_repeated_if_the_kernel_gives_up_before_the_deadline() {
    // The kernel sends one SYN and gives up after a second, before the check's deadline.
    const SETUP: &str = "echo 0 > /proc/sys/net/ipv4/tcp_syn_retries 2>/dev/null || echo 1 > /proc/sys/net/ipv4/tcp_syn_retries; \
        echo 0 > /proc/sys/net/ipv4/tcp_syn_linear_timeouts 2>/dev/null || true";
    if !namespace::entered("a_probe_is_repeated_if_the_kernel_gives_up_before_the_deadline", SETUP) {
        return;
    }
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    let timeout = Duration::from_millis(4500);
    assert!(timeout < TIME_LIMIT);
    let record = Checks::start().check(Request { timeout, ..request(1, &host, port) });
    assert_eq!(Status::from_code(record.status), Some(Status::Timeout), "{record:?}");
    assert!(record.duration >= 4500.0, "{record:?}");
    assert!(record.retransmits >= 2, "{record:?}");
}
