//! The packets of a check, and the verdict on a name, while a system call fails.
#![cfg(feature = "faults")]

mod common;

use std::time::Duration;

use common::{Checks, Silent, accepted, free_address, host_and_port, is_late, listener, namespace, proves, request};
use rustix::io::Errno;
use tcp_shaker::faults::{Call, Fault, Plan, arm, disarm};
use tcp_shaker::record::Request;
use tcp_shaker::status::Status;

const FILE: &str = "ffi/tests/faults_on_the_wire.rs";
const EACH: u32 = 300;

/// Makes a call fail with EPERM, like a seccomp filter: once after some calls, or always.
fn deny(call: Call, after: u32, times: u32) {
    arm(Plan { call, fault: Fault::Error(Errno::PERM), after, every: 1, times });
}

/// Reads a TCP counter of the namespace.
fn counter(name: &str) -> u64 {
    let table = std::fs::read_to_string("/proc/net/snmp").unwrap();
    let mut lines = table.lines().filter(|line| line.starts_with("Tcp:")).map(str::split_whitespace);
    let (names, values) = (lines.next().unwrap(), lines.next().unwrap());
    names.zip(values).find(|(key, _)| *key == name).unwrap().1.parse().unwrap()
}

#[test]
fn nothing_is_sent_from_a_socket_that_would_complete_the_handshake() {
    const NAME: &str = "nothing_is_sent_from_a_socket_that_would_complete_the_handshake";
    if !namespace::entered(NAME, "true") {
        return;
    }
    let (target, silent) = (listener("127.0.0.1:0"), Silent::new());
    let targets = [target.local_addr().unwrap(), free_address("127.0.0.1:0"), silent.address].map(host_and_port);
    for call in [Call::SetLinger, Call::SetDeferAccept] {
        let mut checks = Checks::start();
        let sent = counter("OutSegs");
        deny(call, 0, u32::MAX);
        checks.submit((0..EACH).map(|id| {
            let (host, port) = &targets[id as usize % targets.len()];
            request(id, host, *port)
        }));
        for record in checks.take(EACH as usize) {
            assert_eq!(Status::from_code(record.status), Some(Status::LocalError), "{record:?}");
        }
        assert_eq!((disarm(), counter("OutSegs") - sent), (EACH, 0));
    }
    assert_eq!(accepted(&target), 0);
    proves(FILE, NAME, "faults", &format!("{} sockets without linger or delayed ACK: 0 segments sent", 2 * EACH));
}

#[test]
fn a_reset_is_sent_although_disconnect_or_tcp_info_fails() {
    const NAME: &str = "a_reset_is_sent_although_disconnect_or_tcp_info_fails";
    if !namespace::entered(NAME, "true") {
        return;
    }
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let mut visits = 0;
    for (call, status) in [(Call::Disconnect, Status::Up), (Call::TcpInfo, Status::LocalError)] {
        let mut checks = Checks::start();
        let before = ["ActiveOpens", "PassiveOpens", "OutRsts", "OutSegs"].map(counter);
        deny(call, 0, u32::MAX);
        checks.submit((0..EACH).map(|id| request(id, &host, port)));
        let mut late = 0;
        for record in checks.take(EACH as usize) {
            assert_eq!(Status::from_code(record.status), Some(status), "{record:?}");
            late += u64::from(is_late(&record));
        }
        assert!(disarm() >= EACH);
        let after = ["ActiveOpens", "PassiveOpens", "OutRsts", "OutSegs"].map(counter);
        let counted: Vec<_> = after.iter().zip(before).map(|(after, before)| after - before).collect();
        let [active, passive, resets, segments] = counted[..] else { unreachable!() };
        // A SYN, a SYN-ACK and a RST per check, and an ACK if the machine has stalled.
        let each = u64::from(EACH);
        assert_eq!((active, resets, segments - passive), (each, each, 3 * each), "{call:?}");
        let accepted = accepted(&target) as u64;
        assert!(passive <= late && accepted <= late, "{call:?}");
        visits += accepted;
    }
    proves(
        FILE,
        NAME,
        "faults",
        &format!("{} handshakes that could not be ended as usual: {0} RSTs, {visits} accepted", 2 * EACH),
    );
}

/// A hosts file in which "both" has two addresses, of which ::1 is tried first (RFC 6724).
const NAMES: &str = "mount -t tmpfs tmpfs /mnt; \
    printf '127.0.0.1 both\\n::1 both\\n' > /mnt/hosts; mount --bind /mnt/hosts /etc/hosts; \
    printf 'hosts: files\\n' > /mnt/nsswitch; mount --bind /mnt/nsswitch /etc/nsswitch.conf";

#[test]
fn a_name_with_an_address_that_can_not_be_probed_is_not_down() {
    const NAME: &str = "a_name_with_an_address_that_can_not_be_probed_is_not_down";
    if !namespace::entered(NAME, NAMES) {
        return;
    }
    let up = listener("127.0.0.1:0");
    let port = up.local_addr().unwrap().port();
    let mut checks = Checks::start();
    let mut check = |call, after, errno| {
        arm(Plan { call, fault: Fault::Error(errno), after, every: 1, times: 1 });
        let record = checks.check(Request { timeout: Duration::from_millis(400), ..request(1, "both", port) });
        assert_eq!(disarm(), 1);
        (Status::from_code(record.status).unwrap(), record.code)
    };
    let local_error = (Status::LocalError, Errno::PERM.raw_os_error());
    let refused = (Status::Refused, Errno::CONNREFUSED.raw_os_error());

    // ::1 is refused, 127.0.0.1 is up.
    assert_eq!(check(Call::Connect, 0, Errno::PERM).0, Status::Up);
    assert_eq!(check(Call::Connect, 1, Errno::PERM), local_error);
    assert_eq!(check(Call::TcpInfo, 0, Errno::PERM), local_error);
    // Both are refused. A missing route to all addresses of a family is not a failure of the name.
    drop(up);
    for after in [0, 1] {
        assert_eq!(check(Call::Connect, after, Errno::PERM), local_error);
        assert_eq!(check(Call::Connect, after, Errno::ADDRNOTAVAIL), refused);
    }
    // 127.0.0.1 is silent.
    let _silent = Silent::at(&format!("127.0.0.1:{port}"));
    assert_eq!(check(Call::Connect, 0, Errno::PERM), local_error);
    proves(FILE, NAME, "faults", "8 checks of a name with 2 addresses: 0 false verdicts");
}
