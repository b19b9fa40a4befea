//! A forked child has copies of all descriptors until it calls exec(). While a copy exists, close() ends no connection,
//! but probes end.
#![cfg(feature = "faults")]

mod common;

use std::io::{Read, Write, pipe};
use std::net::TcpListener;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use common::{Checks, Silent, accepted, assert_reported, eventually, host_and_port, namespace, proves, request};
use tcp_shaker::faults::{Call, Fault, Plan, arm, disarm};
use tcp_shaker::record::{AddressRecord, Host, Request};
use tcp_shaker::status::Status;

/// A child between fork() and exec().
struct Forked {
    exec: std::io::PipeWriter,
    spawning: JoinHandle<()>,
}

impl Forked {
    fn new() -> Self {
        let (mut forked, mut has_forked) = pipe().unwrap();
        let (mut may_exec, exec) = pipe().unwrap();
        let exec_copy = exec.as_raw_fd();
        let mut command = Command::new("true");
        // SAFETY: between fork() and exec() the child only reads, writes and closes pipes, and allocates nothing. It closes
        // its copy of the test's end, so that it does not outlive a failing test.
        unsafe {
            command.pre_exec(move || {
                libc::close(exec_copy);
                has_forked.write_all(&[1])?;
                may_exec.read_exact(&mut [0])
            });
        }
        let spawning = std::thread::spawn(move || {
            assert!(command.status().unwrap().success());
        });
        forked.read_exact(&mut [0]).unwrap();
        Self { exec, spawning }
    }

    /// Lets the child call exec(), which closes its copies.
    fn exec(mut self) {
        self.exec.write_all(&[1]).unwrap();
        self.spawning.join().unwrap();
    }
}

/// The number of sockets of this namespace with a state of `linux/tcp_states.h` and a remote port.
fn sockets(state: u8, port: u16) -> usize {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| std::fs::read_to_string(path).unwrap());
    let is_one = |line: &&str| {
        let fields: Vec<_> = line.split_whitespace().collect();
        fields[2].ends_with(&format!(":{port:04X}")) && fields[3] == format!("{state:02X}")
    };
    tables.iter().flat_map(|table| table.lines().skip(1)).filter(is_one).count()
}

/// Serializes the tests, which observe states of a few ms.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

const ESTABLISHED: u8 = 1;
const SYN_SENT: u8 = 2;

#[test]
fn an_unanswered_probe_sends_nothing_after_its_end() {
    const NAME: &str = "an_unanswered_probe_sends_nothing_after_its_end";
    const EACH: usize = 20;
    let _turn = turn();
    if !namespace::entered(NAME, "true") {
        return;
    }
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    let ask = |timeout| {
        let checks = Checks::start();
        checks.submit((0..EACH as u32).map(|id| Request { timeout, ..request(id, &host, port) }));
        // Other sockets are in the backlog.
        eventually("the SYNs are out", || sockets(SYN_SENT, port) == EACH);
        (checks, Forked::new())
    };
    let soon = Duration::from_secs(20);
    // The ends of a probe without an answer: timeout, cancellation, the engine's end, renewal.
    let (mut checks, forked) = ask(Duration::from_millis(500));
    assert!(checks.take(EACH).iter().all(|record| record.status == Status::Timeout as u8 && record.full == 0));
    assert_eq!(sockets(SYN_SENT, port), 0, "after timeouts");
    forked.exec();

    let (checks, forked) = ask(soon);
    (0..EACH as u32).for_each(|id| checks.engine.cancel(id));
    eventually("checks are cancelled", || sockets(SYN_SENT, port) == 0);
    forked.exec();

    let (checks, forked) = ask(soon);
    checks.engine.stop();
    assert_eq!(sockets(SYN_SENT, port), 0, "after the engine's end");
    forked.exec();

    // A renewal replaces each socket before the kernel retransmits its SYN.
    let (mut checks, forked) = ask(Duration::from_millis(1100));
    assert!(checks.take(EACH).iter().all(|record| record.retransmits == 1));
    assert_eq!(sockets(SYN_SENT, port), 0, "after renewals");
    forked.exec();
    proves(
        file!(),
        NAME,
        "segments",
        &format!("{} unanswered SYNs, with copies of the sockets in a child: 0 handshakes left", 4 * EACH),
    );
}

#[test]
fn an_answered_probe_that_can_not_be_recycled_is_reset() {
    const NAME: &str = "an_answered_probe_that_can_not_be_recycled_is_reset";
    const EACH: usize = 5;
    let _turn = turn();
    if !namespace::entered(NAME, "ip addr add fe80::1/64 dev lo nodad") {
        return;
    }
    let target = TcpListener::bind("[::]:0").unwrap();
    let port = target.local_addr().unwrap().port();
    let mut checks = Checks::start();
    let (mut records, mut reset) = (Vec::new(), 0);
    // A busy machine may run the child too late.
    for id in 0..200 {
        // The engine reads the event after the fork, but before the delayed ACK is due.
        let stall = Fault::Stall(Duration::from_millis(80));
        arm(Plan { call: Call::EpollWait, fault: stall, after: 0, every: 1, times: u32::MAX });
        checks.submit([request(id, "fe80::1%lo", port)]);
        eventually("its SYN-ACK has come, or the check is over", || {
            sockets(ESTABLISHED, port) == 1 || checks.has_next()
        });
        let forked = Forked::new();
        let is_held = sockets(ESTABLISHED, port) == 1;
        let record = checks.next().unwrap();
        assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
        assert_eq!(sockets(ESTABLISHED, port), 0);
        disarm();
        forked.exec();
        reset += usize::from(is_held && record.full == 0);
        records.push(record);
        if reset == EACH {
            break;
        }
    }
    assert_eq!(reset, EACH);
    assert_reported(&target, &records);
    proves(file!(), NAME, "invisible", &format!("{EACH} zoned sockets with copies in a child: {EACH} RSTs at once"));
}

#[test]
fn an_answered_probe_whose_name_is_up_at_another_address_is_reset() {
    const NAME: &str = "an_answered_probe_whose_name_is_up_at_another_address_is_reset";
    const DROP: &str = "nft add table ip $0; nft add chain ip $0 c '{ type filter hook input priority 0; }'; \
        nft add rule ip $0 c ip daddr $1 tcp flags syn / syn,ack drop";
    // The attempts are 225 ms apart, so that the fifth is due when the first socket is renewed, 0.9 s after its SYN.
    const HOSTS: usize = 6;
    const TIMEOUT: Duration = Duration::from_millis(225 * HOSTS as u64);
    let _turn = turn();
    if !namespace::entered(NAME, "true") {
        return;
    }
    let sh = |script: &str, arguments: &[&str]| {
        assert!(Command::new("sh").args(["-ec", script]).args(arguments).status().unwrap().success());
    };
    sh(DROP, &["others", "127.0.0.2-127.0.0.4"]);
    let target = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = target.local_addr().unwrap().port();
    let hosts: Vec<_> = (1..=HOSTS).map(|i| AddressRecord::parse(&format!("127.0.0.{i}")).unwrap()).collect();
    let host = Host::Addresses(&hosts);
    let mut checks = Checks::start();
    // A busy machine may run nft or the child too late.
    for id in 0..60 {
        sh(DROP, &["first", "127.0.0.1"]);
        checks.submit([Request { host, timeout: TIMEOUT, ..request(id, "", port) }]);
        eventually("its first SYN is out", || sockets(SYN_SENT, port) > 0);
        // The engine reads the two answers after the fork.
        let stall = Fault::Stall(Duration::from_millis(80));
        arm(Plan { call: Call::EpollWait, fault: stall, after: 0, every: 1, times: u32::MAX });
        sh("nft delete table ip first", &[]);
        eventually("two have answered, or the check is over", || {
            sockets(SYN_SENT, port) == 0 || sockets(ESTABLISHED, port) > 1
        });
        let forked = Forked::new();
        let have_two_answered = sockets(ESTABLISHED, port) > 1;
        let record = checks.next().unwrap();
        assert_eq!((sockets(ESTABLISHED, port), sockets(SYN_SENT, port)), (0, 0));
        disarm();
        forked.exec();
        assert!(accepted(&target) == 0 || record.full == 1, "{record:?}");
        if have_two_answered {
            assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
            proves(
                file!(),
                NAME,
                "invisible",
                "answered addresses of a name that is up, with copies in a child: 0 connections left",
            );
            return;
        }
    }
    panic!("no two addresses have answered within one stall");
}

#[test]
fn closing_idle_sockets_sends_nothing() {
    const NAME: &str = "closing_idle_sockets_sends_nothing";
    const EACH: usize = 20;
    let _turn = turn();
    if !namespace::entered(NAME, "true") {
        return;
    }
    let target = TcpListener::bind("127.0.0.1:0").unwrap();
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let mut checks = Checks::start();
    let files = common::open_files();
    checks.submit((0..EACH as u32).map(|id| request(id, &host, port)));
    assert!(checks.take(EACH).iter().all(|record| record.status == Status::Up as u8));
    let used = common::open_files();
    assert!(used > files);
    let forked = Forked::new();
    let of_the_child = common::open_files() - used;
    let sent = out_segments();
    eventually("idle sockets are closed", || common::open_files() <= files + of_the_child);
    assert_eq!((out_segments(), sockets(ESTABLISHED, port)), (sent, 0));
    forked.exec();
    proves(file!(), NAME, "segments", "idle sockets closed, with copies in a child: 0 segments");
}

/// The number of segments that this namespace has sent.
fn out_segments() -> u64 {
    let table = std::fs::read_to_string("/proc/net/snmp").unwrap();
    let mut lines = table.lines().filter(|line| line.starts_with("Tcp:")).map(str::split_whitespace);
    let (mut names, mut values) = (lines.next().unwrap(), lines.next().unwrap());
    let place = names.position(|name| name == "OutSegs").unwrap();
    values.nth(place).unwrap().parse().unwrap()
}
