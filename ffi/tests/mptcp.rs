//! If the system converts our sockets to MPTCP, checks stay invisible, or their results report it.
//!
//! `mptcpize` does so by a preloaded library, and a BPF program at `update_socket_protocol` in the kernel, with any
//! protocol.
#![cfg(feature = "faults")]

mod common;

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use common::{Checks, accepted, free_address, host_and_port, namespace, proves, request};
use rustix::net::{AddressFamily, Protocol, SocketType, bind, ipproto, listen, socket};
use tcp_shaker::faults::{Call, Fault, Plan, arm, disarm, force_mptcp};
use tcp_shaker::record::ResultRecord;
use tcp_shaker::status::Status;

const FILE: &str = "ffi/tests/mptcp.rs";
const EACH: u32 = 300;

/// Longer than the kernel delays an ACK (200 ms).
const STALL: Duration = Duration::from_millis(400);

/// Enters a namespace. Returns false if the test must return, because it ran there or MPTCP is missing.
fn entered(name: &str) -> bool {
    if let Err(errno) = socket(AddressFamily::INET, SocketType::STREAM, Some(ipproto::MPTCP)) {
        eprintln!("skipped {name}: there is no MPTCP ({errno})");
        return false;
    }
    namespace::entered(name, "true")
}

/// A listener with a protocol. A TCP listener makes an MPTCP client fall back to TCP.
fn listening(protocol: Protocol) -> TcpListener {
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let socket = socket(AddressFamily::INET, SocketType::STREAM, Some(protocol)).unwrap();
    bind(&socket, &any).unwrap();
    listen(&socket, 4096).unwrap();
    socket.into()
}

/// The number of completed handshakes of the namespace's servers.
fn passive_opens() -> u64 {
    let table = std::fs::read_to_string("/proc/net/snmp").unwrap();
    let values = table.lines().filter(|line| line.starts_with("Tcp:")).nth(1).unwrap();
    values.split_whitespace().nth(6).unwrap().parse().unwrap()
}

fn is_up(record: &ResultRecord) -> bool {
    match Status::from_code(record.status) {
        Some(Status::Up) => true,
        // The kernel doesn't delay the ACK of such a socket, so nothing was sent.
        Some(Status::LocalError) => false,
        _ => panic!("{record:?}"),
    }
}

#[test]
fn a_check_by_mptcp_is_invisible() {
    const NAME: &str = "a_check_by_mptcp_is_invisible";
    if !entered(NAME) {
        return;
    }
    force_mptcp(true);
    let (mut up, mut full, mut seen) = (0, 0, 0);
    for protocol in [ipproto::TCP, ipproto::MPTCP] {
        let target = listening(protocol);
        let (host, port) = host_and_port(target.local_addr().unwrap());
        let mut checks = Checks::start();
        let before = passive_opens();
        checks.submit((0..EACH).map(|id| request(id, &host, port)));
        for record in checks.take(EACH as usize) {
            up += u32::from(is_up(&record));
            full += u64::from(record.full);
        }
        // Results report each connection that reached an application, for example after a pause without CPU.
        assert!(passive_opens() <= before + full);
        seen += accepted(&target);
        assert!(seen as u64 <= full);
    }
    let (host, port) = host_and_port(free_address("127.0.0.1:0"));
    let record = Checks::start().check(request(0, &host, port));
    assert!(matches!(Status::from_code(record.status), Some(Status::Refused | Status::LocalError)), "{record:?}");
    proves(
        FILE,
        NAME,
        "invisible",
        &format!("{} checks by MPTCP sockets: {up} up, {seen} accepted, {full} reported", 2 * EACH),
    );
}

#[test]
fn an_ack_by_mptcp_that_has_left_is_reported() {
    const NAME: &str = "an_ack_by_mptcp_that_has_left_is_reported";
    if !entered(NAME) {
        return;
    }
    force_mptcp(true);
    let mut full = 0;
    for protocol in [ipproto::TCP, ipproto::MPTCP] {
        let target = listening(protocol);
        let (host, port) = host_and_port(target.local_addr().unwrap());
        let (mut checks, before) = (Checks::start(), passive_opens());
        // The SYN-ACK has arrived when connect() returns, and is not read.
        arm(Plan { call: Call::EpollWait, fault: Fault::Stall(STALL), after: 0, every: 1, times: 2 });
        let record = checks.check(request(0, &host, port));
        assert!(disarm() > 0);
        assert!(!is_up(&record) || record.full == 1, "{record:?}");
        assert_eq!(passive_opens() > before, record.full == 1);
        full += u32::from(record.full);
    }
    proves(
        FILE,
        NAME,
        "invisible",
        &format!("2 checks by MPTCP sockets without CPU for 400 ms: {full} reported as full"),
    );
}
