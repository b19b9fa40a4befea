//! Local ports: a check waits while the engine's own probes use all ports, and fails at once if no port will be freed.

mod common;

use std::time::Duration;

use common::{Checks, Silent, free_address, host_and_port, listener, namespace, request};
use rustix::io::Errno;
use tcp_shaker::record::Request;
use tcp_shaker::status::Status;

const TWO_PORTS: &str = "echo 61000 61001 > /proc/sys/net/ipv4/ip_local_port_range";

#[test]
fn checks_wait_for_the_ports_that_lead_to_their_target() {
    if !namespace::entered("checks_wait_for_the_ports_that_lead_to_their_target", TWO_PORTS) {
        return;
    }
    let up = listener("127.0.0.1:80");
    let (host, port) = host_and_port(up.local_addr().unwrap());
    let silent = Silent::at("127.0.0.2:81");
    let (silent_host, silent_port) = host_and_port(silent.address);
    let mut checks = Checks::start();
    checks.submit((0..40).map(|id| match id % 4 {
        0 => request(id, &host, port),
        _ => Request { timeout: Duration::from_millis(10), ..request(id, &silent_host, silent_port) },
    }));
    for record in checks.take(40) {
        let expected = if record.id % 4 == 0 { Status::Up } else { Status::Timeout };
        assert_eq!(Status::from_code(record.status), Some(expected), "{record:?}");
    }
}

#[test]
fn a_target_that_holds_all_ports_delays_no_other() {
    if !namespace::entered("a_target_that_holds_all_ports_delays_no_other", TWO_PORTS) {
        return;
    }
    let up = listener("127.0.0.1:80");
    let (host, port) = host_and_port(up.local_addr().unwrap());
    let silent = Silent::at("127.0.0.2:81");
    let (silent_host, silent_port) = host_and_port(silent.address);
    let mut checks = Checks::start();
    let hour = Duration::from_secs(3600);
    checks.submit((0..100).map(|id| Request { timeout: hour, ..request(id, &silent_host, silent_port) }));
    for id in 100..140 {
        let record = checks.check(request(id, &host, port));
        assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
    }
}

#[test]
fn a_name_with_no_port_left_for_one_address_is_up_at_another() {
    const SETUP: &str = "echo 61000 61001 > /proc/sys/net/ipv4/ip_local_port_range; mount -t tmpfs tmpfs /mnt; \
        printf '127.0.0.2 two.test\\n127.0.0.3 two.test\\n' > /mnt/hosts; mount --bind /mnt/hosts /etc/hosts; \
        printf 'hosts: files\\n' > /mnt/nsswitch; mount --bind /mnt/nsswitch /etc/nsswitch.conf";
    if !namespace::entered("a_name_with_no_port_left_for_one_address_is_up_at_another", SETUP) {
        return;
    }
    let silent = Silent::at("127.0.0.2:81");
    let _up = listener("127.0.0.3:81");
    let (host, port) = host_and_port(silent.address);
    let hour = Duration::from_secs(3600);
    // With earlier waiters for the port, and without.
    for holders in [2, 3] {
        let mut checks = Checks::start();
        checks.submit((0..holders).map(|id| Request { timeout: hour, ..request(id, &host, port) }));
        let record = checks.check(Request { timeout: hour, ..request(9, "two.test", port) });
        assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
        assert_eq!(record.ip().unwrap().to_string(), "127.0.0.3");
    }
}

#[test]
fn checks_that_wait_for_a_port_start_in_order_although_some_are_cancelled() {
    if !namespace::entered("checks_that_wait_for_a_port_start_in_order_although_some_are_cancelled", TWO_PORTS) {
        return;
    }
    let silent = Silent::at("127.0.0.2:81");
    let (host, port) = host_and_port(silent.address);
    let mut checks = Checks::start();
    let hour = Duration::from_secs(3600);
    checks.submit((0..50).map(|id| Request { timeout: hour, ..request(id, &host, port) }));
    checks.submit((50..60).map(|id| Request { timeout: Duration::from_millis(10), ..request(id, &host, port) }));
    // They include checks with a port, first waiters, and woken checks.
    for id in (0..50).rev() {
        checks.engine.cancel(id);
    }
    let ids = checks.take(10).into_iter().map(|record| record.id);
    assert!(ids.eq(50..60));
}

#[test]
fn a_host_without_ipv6_fails_at_once_with_other_checks_in_flight() {
    const SETUP: &str = "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6";
    if !namespace::entered("a_host_without_ipv6_fails_at_once_with_other_checks_in_flight", SETUP) {
        return;
    }
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    let mut checks = Checks::start();
    let hour = Duration::from_secs(3600);
    checks.submit([Request { timeout: hour, ..request(1, &host, port) }]);
    let record = checks.check(Request { timeout: hour, ..request(2, "::1", free_address("127.0.0.1:0").port()) });
    assert_eq!(Status::from_code(record.status), Some(Status::LocalError), "{record:?}");
    assert_eq!(record.code, Errno::ADDRNOTAVAIL.raw_os_error());
}

#[test]
fn a_port_that_another_form_of_the_address_holds_is_waited_for() {
    if !namespace::entered("a_port_that_another_form_of_the_address_holds_is_waited_for", TWO_PORTS) {
        return;
    }
    let silent = Silent::at("127.0.0.1:81");
    let (host, port) = host_and_port(silent.address);
    let mut checks = Checks::start();
    // The connection in the accept queue uses the other port.
    checks.submit([Request { timeout: Duration::from_millis(300), ..request(0, &host, port) }]);
    checks.submit([Request { timeout: Duration::from_millis(10), ..request(1, "0.0.0.0", port) }]);
    for record in checks.take(2) {
        assert_eq!(Status::from_code(record.status), Some(Status::Timeout), "{record:?}");
    }
}
