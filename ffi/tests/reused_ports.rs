//! Few local ports: a half-open entry that an earlier probe has left at the target refuses no check.
//!
//! Linux answers a SYN whose number lies in the window of an entry with a RST, as if the port was closed. It takes the
//! same source port within 4.2 ms.

mod common;

use std::time::Duration;

use common::{Asked, Checks, host_and_port, listener, namespace, proves, request};
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
fn entries_whose_syn_ack_was_lost_refuse_no_check() {
    let drops = setup("tcp sport 80 tcp flags & (syn|ack) == syn|ack");
    if !namespace::entered("entries_whose_syn_ack_was_lost_refuse_no_check", &drops) {
        return;
    }
    let up = listener("127.0.0.1:80");
    let (host, port) = host_and_port(up.local_addr().unwrap());
    let short = |id| Request { timeout: Duration::from_millis(1), ..request(id, &host, port) };
    let records = Checks::start().submit_and_take((0..100).map(short));
    assert_eq!(count(&records, Status::Timeout), 100, "{records:?}");
    proves(file!(), "entries_whose_syn_ack_was_lost_refuse_no_check", "verdicts", "100 lost SYN-ACKs: 0 refused");
}

#[test]
fn entries_whose_rst_was_lost_refuse_no_check() {
    let every_second = setup("tcp dport 80 tcp flags & rst == rst numgen inc mod 2 == 0");
    if !namespace::entered("entries_whose_rst_was_lost_refuse_no_check", &every_second) {
        return;
    }
    let up = listener("127.0.0.1:80");
    let (host, port) = host_and_port(up.local_addr().unwrap());
    // The kernel numbers the SYNs of a recycled socket beyond the window of its last connection. Each engine has a new
    // socket.
    let mut engines: Vec<_> = (0..20).map(|_| Checks::start()).collect();
    let mut records: Vec<_> = engines.iter_mut().map(|checks| checks.check(request(1, &host, port))).collect();
    let engines: Vec<_> = (0..20).map(|_| Asked::new()).collect();
    records.extend(engines.iter().map(|asked| asked.answer(&request(1, &host, port))));
    assert_eq!(count(&records, Status::Up), 40, "{records:?}");
    assert!(records.iter().any(|record| record.retransmits > 0), "no SYN met an entry: {records:?}");
    proves(
        file!(),
        "entries_whose_rst_was_lost_refuse_no_check",
        "verdicts",
        "40 checks, half of their RSTs lost: 0 refused",
    );
}

#[test]
fn a_closed_port_is_asked_once() {
    if !namespace::entered("a_closed_port_is_asked_once", &setup("tcp dport 79")) {
        return;
    }
    let mut checks = Checks::start();
    let records = checks.submit_and_take((0..100).map(|id| request(id, "127.0.0.1", 80)));
    assert_eq!(count(&records, Status::Refused), 100, "{records:?}");
    assert!(records.iter().all(|record| record.retransmits == 0), "{records:?}");
}
