//! The raw engine, in namespaces whose root may open raw sockets.

mod common;

use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::time::Duration;

use common::namespace::entered;
use common::{Checks, Silent, accepted, free_address, host_and_port, open_files, request, scaled};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SendFlags, SocketType, ipproto};
use tcp_shaker::record::{Request, ResultRecord};
use tcp_shaker::status::Status;
use tcp_shaker::{Config, Kind};

fn start() -> Checks {
    Checks::start_as(Config { kind: Kind::Raw, ..Config::default() }, |_| {})
}

fn status(record: &ResultRecord) -> Status {
    Status::from_code(record.status).unwrap()
}

#[test]
fn a_port_is_up_or_refused_and_accept_never_returns() {
    if !entered("a_port_is_up_or_refused_and_accept_never_returns", "") {
        return;
    }
    let mut checks = start();
    for at in ["127.0.0.1:0", "[::1]:0"] {
        let target = TcpListener::bind(at).unwrap();
        let (host, port) = host_and_port(target.local_addr().unwrap());
        for id in 0..100 {
            let record = checks.check(request(id, &host, port));
            assert_eq!(status(&record), Status::Up, "{record:?}");
            assert_eq!((record.code, record.retransmits, record.full), (0, 0, 0));
            assert!(record.rtt > 0.0 && record.rtt <= record.duration, "{record:?}");
        }
        let (host, port) = host_and_port(free_address(at));
        let record = checks.check(request(1, &host, port));
        assert_eq!((status(&record), record.code), (Status::Refused, Errno::CONNREFUSED.raw_os_error()));
        assert_eq!(accepted(&target), 0);
    }
}

#[test]
fn thousands_at_once_of_one_target_are_all_up() {
    if !entered("thousands_at_once_of_one_target_are_all_up", "") {
        return;
    }
    let target = TcpListener::bind("127.0.0.1:0").unwrap();
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let mut checks = start();
    let count = scaled(20_000, 5000);
    checks.submit((0..count).map(|id| request(id, &host, port)));
    let records = checks.take(count as usize);
    assert!(records.iter().all(|record| status(record) == Status::Up));
    assert_eq!(records.iter().map(|record| record.retransmits).sum::<u32>(), 0);
    assert_eq!(accepted(&target), 0);
}

#[test]
fn a_silent_target_gets_retransmissions_and_times_out_at_its_deadline() {
    if !entered("a_silent_target_gets_retransmissions_and_times_out_at_its_deadline", "") {
        return;
    }
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    let mut checks = start();
    let timeouts = [1, 20, 900, 1500, 3500];
    checks.submit(
        (0..)
            .zip(timeouts)
            .map(|(id, timeout)| Request { timeout: Duration::from_millis(timeout), ..request(id, &host, port) }),
    );
    for (record, (timeout, resent)) in checks.take(5).iter().zip(timeouts.into_iter().zip([0, 0, 0, 1, 2])) {
        assert_eq!((status(record), record.retransmits), (Status::Timeout, resent), "{timeout} ms");
        assert!(record.duration >= timeout as f64, "{record:?}");
    }
}

#[test]
fn addresses_in_any_form_are_probed() {
    if !entered("addresses_in_any_form_are_probed", "") {
        return;
    }
    let (v4, v6) = (TcpListener::bind("127.0.0.1:80").unwrap(), TcpListener::bind("[::1]:80").unwrap());
    let mut checks = start();
    for (id, host) in (0..).zip(["0.0.0.0", "::", "::ffff:127.0.0.1", "::1%lo", "localhost"]) {
        assert_eq!(status(&checks.check(request(id, host, 80))), Status::Up, "{host}");
    }
    for (id, host) in (0..).zip(["224.0.0.1", "255.255.255.255", "ff02::1%lo"]) {
        let record = checks.check(request(id, host, 80));
        assert_eq!((status(&record), record.code), (Status::NoRoute, Errno::NETUNREACH.raw_os_error()), "{host}");
    }
    assert_eq!((accepted(&v4), accepted(&v6)), (0, 0));
}

#[test]
fn unused_ports_are_released() {
    if !entered("unused_ports_are_released", "") {
        return;
    }
    let mut checks = start();
    let (host, port) = host_and_port(SocketAddr::from(([127, 0, 0, 1], 9)));
    let files = open_files();
    checks.check(request(1, &host, port));
    assert!(open_files() > files);
    common::eventually("the ports were given back", || open_files() == files);
}

#[test]
fn an_icmp_error_about_a_foreign_packet_is_ignored() {
    if !entered("an_icmp_error_about_a_foreign_packet_is_ignored", "") {
        return;
    }
    let target = TcpListener::bind("127.0.0.1:0").unwrap();
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let mut checks = start();
    let forger = rustix::net::socket(AddressFamily::INET, SocketType::RAW, Some(ipproto::ICMP)).unwrap();
    for id in 0..100 {
        for protocol in [libc::IPPROTO_RAW, libc::IPPROTO_TCP] {
            let error = unreachable([127, 0, 0, 1], protocol as u8);
            rustix::net::sendto(&forger, &error, SendFlags::empty(), &SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        }
        let record = checks.check(request(id, &host, port));
        assert_eq!(status(&record), Status::Up, "{record:?}");
    }
}

/// An ICMP message "host unreachable" that quotes a packet which was never sent.
fn unreachable(host: [u8; 4], protocol: u8) -> Vec<u8> {
    let mut message = vec![3, 1, 0, 0, 0, 0, 0, 0];
    message.extend([0x45, 0, 0, 40, 0, 0, 0, 0, 64, protocol, 0, 0]);
    message.extend([host, host].concat());
    message.extend([0; 20]);
    let sum = message.chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum::<u32>();
    let checksum = !((sum & 0xffff) + (sum >> 16)) as u16;
    message[2..4].copy_from_slice(&checksum.to_be_bytes());
    message
}

#[test]
fn the_loss_of_the_source_address_is_reported() {
    const SETUP: &str = "
        ip addr add 192.0.2.1/32 dev lo
        ip addr add 192.0.2.2/32 dev lo
        ip addr add 198.51.100.9/32 dev lo
        ip route replace local 198.51.100.9 dev lo table local src 192.0.2.1
    ";
    if !entered("the_loss_of_the_source_address_is_reported", SETUP) {
        return;
    }
    let target = TcpListener::bind("198.51.100.9:80").unwrap();
    let mut checks = start();
    assert_eq!(status(&checks.check(request(1, "198.51.100.9", 80))), Status::Up);
    for change in ["route replace local 198.51.100.9 dev lo table local src 192.0.2.2", "addr del 192.0.2.1/32 dev lo"]
    {
        run(&format!("ip {change}"));
    }
    // Answers to the other address would not arrive.
    let record = checks.check(Request { timeout: Duration::from_millis(500), ..request(2, "198.51.100.9", 80) });
    assert_eq!(status(&record), Status::Up);
    assert_eq!(accepted(&target), 0);
}

fn run(command: &str) {
    let mut words = command.split(' ');
    assert!(Command::new(words.next().unwrap()).args(words).status().unwrap().success());
}

#[test]
fn a_blocked_syn_fails_at_once_when_its_route_disappears() {
    const SETUP: &str = "
        ip link add stuck0 type veth peer name stuck1
        ip addr add 192.0.2.5/24 dev stuck0
        ip link set stuck0 arp off up
        ip link set stuck1 up
        tc qdisc replace dev stuck0 root pfifo limit 0
    ";
    if !entered("a_blocked_syn_fails_at_once_when_its_route_disappears", SETUP) {
        return;
    }
    let mut checks = start();
    let ask = |id, timeout| Request { timeout: Duration::from_millis(timeout), ..request(id, "192.0.2.9", 80) };
    let record = checks.check(ask(1, 50));
    assert_eq!((status(&record), record.code), (Status::LocalError, Errno::NOBUFS.raw_os_error()));
    checks.submit([ask(2, 5000)]);
    std::thread::sleep(Duration::from_millis(100));
    run("ip route del 192.0.2.0/24 dev stuck0");
    let record = checks.next().unwrap();
    assert_eq!((status(&record), record.code), (Status::NoRoute, Errno::NETUNREACH.raw_os_error()), "{record:?}");
}

/// A pass looks at 64 blocked probes, and a finished one must not count as such. The engine's passes are counted, not their
/// time.
#[cfg(feature = "faults")]
#[test]
fn finished_probes_with_blocked_syns_delay_no_other() {
    use tcp_shaker::faults::{Call, Fault, Plan, arm, disarm};

    const SETUP: &str = "tc qdisc add dev lo root pfifo limit 0";
    if !entered("finished_probes_with_blocked_syns_delay_no_other", SETUP) {
        return;
    }
    let count = scaled(200_000, 50_000);
    // Half the passes in which ended probes would be retried: 64 per pass.
    let most_passes = count / 64 / 2;
    let target = TcpListener::bind("127.0.0.1:80").unwrap();
    let mut checks = start();
    let others: Vec<_> =
        (0..count).map(|id| format!("127.{}.{}.{}", 1 + (id >> 16), id >> 8 & 255, id & 255)).collect();
    let ask = |id, host, timeout| Request { timeout: Duration::from_millis(timeout), ..request(id, host, 80) };
    checks.submit((0..).zip(&others).map(|(id, host)| ask(id, host, 3_600_000)));
    checks.submit([ask(count, "127.0.0.1", 3000)]);
    assert_eq!(checks.next().unwrap().id, count);
    for id in 0..count {
        checks.engine.cancel(id);
    }
    // The result of the first check shows that the engine has read the cancellations and tried to send the other SYNs.
    checks.submit([ask(count + 1, "127.0.0.1", 1), ask(count + 2, "127.0.0.1", 60_000)]);
    // Some of the others may have ended before they were cancelled.
    let mut result_of = |id| std::iter::from_fn(|| checks.next()).find(|record| record.id == id).unwrap();
    result_of(count + 1);
    run("tc qdisc del dev lo root");
    // Counts the passes: each waits for events once.
    arm(Plan { call: Call::EpollWait, fault: Fault::Stall(Duration::ZERO), after: 0, every: 1, times: u32::MAX });
    let record = result_of(count + 2);
    assert_eq!(status(&record), Status::Up, "{record:?}");
    let passes = disarm();
    assert!(passes < most_passes, "{passes} passes until the SYN was sent");
    assert_eq!(accepted(&target), 0);
}
