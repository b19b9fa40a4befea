//! Few local ports: a half-open entry of an earlier probe at the target makes no later check refused.
//!
//! Linux answers a SYN whose number is in the window of an entry with a RST, as if the port was closed. This needs a SYN
//! from the same source port within 4.2 ms.

mod common;

use std::time::Duration;

use common::{Checks, DirectEngine, host_and_port, listener, namespace, proves, request};
use tcp_shaker::record::{Request, ResultRecord};
use tcp_shaker::status::Status;

/// One local port, and a firewall that drops the segments of port 80 with these flags.
fn setup(drops: &str) -> String {
    format!(
        "echo 61000 61000 > /proc/sys/net/ipv4/ip_local_port_range
        nft 'table inet lossy {{ chain arriving {{ type filter hook input priority 0; {drops} drop; }}; }}'"
    )
}

fn count(records: &[ResultRecord], status: Status) -> usize {
    records.iter().filter(|record| record.status == status as u8).count()
}

#[test]
fn a_lost_syn_ack_makes_no_later_check_refused() {
    let drops = setup("tcp sport 80 tcp flags & (syn|ack) == syn|ack");
    if !namespace::entered("a_lost_syn_ack_makes_no_later_check_refused", &drops) {
        return;
    }
    let up = listener("127.0.0.1:80");
    let (host, port) = host_and_port(up.local_addr().unwrap());
    let short = |id| Request { timeout: Duration::from_millis(1), ..request(id, &host, port) };
    let records = Checks::start().submit_and_take((0..100).map(short));
    assert_eq!(count(&records, Status::Timeout), 100, "{records:?}");
    proves(file!(), "a_lost_syn_ack_makes_no_later_check_refused", "verdicts", "100 lost SYN-ACKs: 0 refused");
}

#[test]
fn a_lost_rst_makes_no_later_check_refused() {
    let every_second = setup("tcp dport 80 tcp flags & rst == rst numgen inc mod 2 == 0");
    if !namespace::entered("a_lost_rst_makes_no_later_check_refused", &every_second) {
        return;
    }
    let up = listener("127.0.0.1:80");
    let (host, port) = host_and_port(up.local_addr().unwrap());
    // The kernel numbers the SYNs of a recycled socket beyond the window of its last connection. A new engine has a new
    // socket.
    let mut engines: Vec<_> = (0..20).map(|_| Checks::start()).collect();
    let mut records: Vec<_> = engines.iter_mut().map(|checks| checks.check(request(1, &host, port))).collect();
    let engines: Vec<_> = (0..20).map(|_| DirectEngine::new()).collect();
    records.extend(engines.iter().map(|direct| direct.answer(&request(1, &host, port))));
    assert_eq!(count(&records, Status::Up), 40, "{records:?}");
    assert!(records.iter().any(|record| record.retransmits > 0), "no SYN met an entry: {records:?}");
    proves(
        file!(),
        "a_lost_rst_makes_no_later_check_refused",
        "verdicts",
        "40 checks, half of their RSTs lost: 0 refused",
    );
}

#[test]
fn a_closed_port_gets_one_syn() {
    if !namespace::entered("a_closed_port_gets_one_syn", &setup("tcp dport 79")) {
        return;
    }
    let mut checks = Checks::start();
    let records = checks.submit_and_take((0..100).map(|id| request(id, "127.0.0.1", 80)));
    assert_eq!(count(&records, Status::Refused), 100, "{records:?}");
    assert!(records.iter().all(|record| record.retransmits == 0), "{records:?}");
}
