//! A child that was forked has copies of all descriptors until it calls exec(). While it has them, close() ends no
//! connection; the probes end all the same.
#![cfg(feature = "faults")]

mod common;

use std::io::{Read, Write, pipe};
use std::net::TcpListener;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::thread::JoinHandle;
use std::time::Duration;

use common::{Checks, Silent, accepted, eventually, host_and_port, namespace, proves, request};
use tcp_shaker::faults::{Call, Fault, Plan, arm, disarm};
use tcp_shaker::record::Request;
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
        // SAFETY: between fork() and exec() the child closes its copy, so that it does not outlive a test that fails, reads
        // and writes pipes, and allocates nothing.
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

    /// Has it go on to exec(), which closes its copies.
    fn exec(mut self) {
        self.exec.write_all(&[1]).unwrap();
        self.spawning.join().unwrap();
    }
}

/// How many sockets of this network are in a state of `linux/tcp_states.h` with a port of the other end.
fn sockets(state: u8, port: u16) -> usize {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| std::fs::read_to_string(path).unwrap());
    let is_one = |line: &&str| {
        let fields: Vec<_> = line.split_whitespace().collect();
        fields[2].ends_with(&format!(":{port:04X}")) && fields[3] == format!("{state:02X}")
    };
    tables.iter().flat_map(|table| table.lines().skip(1)).filter(is_one).count()
}

const ESTABLISHED: u8 = 1;
const SYN_SENT: u8 = 2;

#[test]
fn an_unanswered_probe_sends_nothing_more_once_it_has_ended() {
    const NAME: &str = "an_unanswered_probe_sends_nothing_more_once_it_has_ended";
    const EACH: usize = 20;
    if !namespace::entered(NAME, "true") {
        return;
    }
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    let ask = |timeout| {
        let checks = Checks::start();
        checks.submit((0..EACH as u32).map(|id| Request { timeout, ..request(id, &host, port) }));
        // The backlog holds the others that there are.
        eventually("the SYNs are out", || sockets(SYN_SENT, port) == EACH);
        (checks, Forked::new())
    };
    let soon = Duration::from_secs(20);
    // The ends that there are without an answer.
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

    // Another socket takes the place of each before the kernel sends its SYN again.
    let (mut checks, forked) = ask(Duration::from_millis(1100));
    assert!(checks.take(EACH).iter().all(|record| record.retransmits == 1));
    assert_eq!(sockets(SYN_SENT, port), 0, "after renewals");
    forked.exec();
    proves(file!(), NAME, "segments", &format!("{} SYNs not answered, sockets held by a child: 0 left", 4 * EACH));
}

#[test]
fn an_answered_probe_is_reset_that_can_not_be_recycled() {
    const NAME: &str = "an_answered_probe_is_reset_that_can_not_be_recycled";
    const EACH: usize = 5;
    if !namespace::entered(NAME, "ip addr add fe80::1/64 dev lo nodad") {
        return;
    }
    let target = TcpListener::bind("[::]:0").unwrap();
    let port = target.local_addr().unwrap().port();
    let mut checks = Checks::start();
    for id in 0..EACH as u32 {
        // Reads the event after the time that it takes to fork, which is less than an ACK is held back for.
        let stall = Fault::Stall(Duration::from_millis(80));
        arm(Plan { call: Call::EpollWait, fault: stall, after: 0, every: 1, times: u32::MAX });
        checks.submit([request(id, "fe80::1%lo", port)]);
        eventually("its SYN-ACK has come", || sockets(ESTABLISHED, port) == 1);
        let forked = Forked::new();
        let record = checks.next().unwrap();
        assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
        assert_eq!(sockets(ESTABLISHED, port), 0);
        assert!(record.full == 0 || common::is_late(&record), "{record:?}");
        if record.full == 1 {
            target.accept().unwrap();
        }
        disarm();
        forked.exec();
    }
    assert_eq!(accepted(&target), 0);
    proves(file!(), NAME, "invisible", &format!("{EACH} zoned sockets held by a child: {EACH} reset at once"));
}
