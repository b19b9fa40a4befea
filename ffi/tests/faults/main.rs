//! A failing system call loses no check, causes no false verdict, and leaks nothing.
#![cfg(feature = "faults")]

mod calls;
#[path = "../common/mod.rs"]
mod common;
mod run;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use calls::{AT_THE_START, FOR_A_CHECK, FOR_A_RAW_CHECK, OF_THE_LOOP, errnos, plans};
use common::namespace::entered;
use common::{Checks, Silent, eventually, host_and_port, listener, open_files, proves, request, threads};
use run::{CHECKS, CONFIG, FILE, Running, Sums, Targets, run, start, turn};
use rustix::io::Errno;
use tcp_shaker::faults::{Call, Fault, Plan, arm, disarm};
use tcp_shaker::record::{Request, ResultRecord};
use tcp_shaker::status::Status;
use tcp_shaker::{Engine, Kind, Outbox};

#[test]
fn these_tests_make_every_call_fail() {
    let ours = FOR_A_CHECK.into_iter().chain(FOR_A_RAW_CHECK).chain(AT_THE_START).chain(OF_THE_LOOP);
    assert!(Call::ALL.iter().all(|call| ours.clone().any(|ours| ours == *call)));
}

#[test]
fn a_failing_call_falsifies_no_verdict_of_the_raw_engine() {
    const NAME: &str = "a_failing_call_falsifies_no_verdict_of_the_raw_engine";
    // The process in the namespace inherits descriptors.
    let _turn = turn();
    if !entered(NAME, "") {
        return;
    }
    let (targets, mut sums) = (Targets::new(Kind::Raw), Sums::default());
    for call in FOR_A_RAW_CHECK {
        let before = sums.faults;
        plans(call).for_each(|plan| run(plan, &targets, &mut sums));
        assert!(sums.faults - before >= errnos(call).len() as u32, "{call:?}");
    }
    sums.proves(NAME);
}

/// Checks an open port with a short timeout while calls fail, and asserts the status and code of all results. Returns
/// the results, and the number of failures.
fn all_are(
    status: Status,
    code: i32,
    plan: Plan,
    target: &TcpListener,
    checks: &mut Checks,
) -> (Vec<ResultRecord>, u32) {
    let (host, port) = host_and_port(target.local_addr().unwrap());
    arm(plan);
    let timeout = Duration::from_millis(200);
    checks.submit((0..CHECKS).map(|id| Request { timeout, ..request(id, &host, port) }));
    let records = checks.take(CHECKS as usize);
    for record in &records {
        assert_eq!((Status::from_code(record.status), record.code), (Some(status), code), "{record:?}");
    }
    (records, disarm())
}

#[test]
fn a_blocked_syn_waits_until_its_deadline_and_is_reported() {
    const NAME: &str = "a_blocked_syn_waits_until_its_deadline_and_is_reported";
    let _turn = turn();
    if !entered(NAME, "") {
        return;
    }
    let (target, mut checks) = (listener("127.0.0.1:0"), start(Kind::Raw));
    let fault = |times| Plan { call: Call::Send, fault: Fault::Error(Errno::NOBUFS), after: 0, every: 1, times };
    // Time in the queue does not count against the timeout.
    for (times, status, code) in [(u32::MAX, Status::LocalError, Errno::NOBUFS.raw_os_error()), (100, Status::Up, 0)] {
        let (records, faults) = all_are(status, code, fault(times), &target, &mut checks);
        assert!(records.iter().all(|record| record.retransmits == 0), "{records:?}");
        assert!(faults >= times.min(CHECKS));
    }
}

#[test]
fn unreadable_answers_are_not_timeouts() {
    const NAME: &str = "unreadable_answers_are_not_timeouts";
    let _turn = turn();
    if !entered(NAME, "") {
        return;
    }
    let (target, mut checks) = (listener("127.0.0.1:0"), start(Kind::Raw));
    // All calls that read answers fail, or every second one: calls that read the error queue alternate with them.
    for (every, status, code) in [(1, Status::LocalError, Errno::IO.raw_os_error()), (3, Status::Up, 0)] {
        let plan = Plan { call: Call::Receive, fault: Fault::Error(Errno::IO), after: 0, every, times: u32::MAX };
        let (_, faults) = all_are(status, code, plan, &target, &mut checks);
        assert!(faults > 0);
    }
    let counted = format!("{CHECKS} answers that could not be read: {CHECKS} local errors, 0 timeouts");
    proves(FILE, NAME, "verdicts", &counted);
}

#[test]
fn a_failing_call_fails_one_check_and_falsifies_no_verdict() {
    let _turn = turn();
    let (targets, mut sums) = (Targets::new(Kind::Sockets), Sums::default());
    for call in FOR_A_CHECK {
        let before = sums.faults;
        plans(call).for_each(|plan| run(plan, &targets, &mut sums));
        // At least the first call with each errno failed.
        assert!(sums.faults - before >= errnos(call).len() as u32, "{call:?}");
    }
    assert!(sums.full > 0);
    sums.proves("a_failing_call_fails_one_check_and_falsifies_no_verdict");
}

#[test]
fn a_socket_is_configured_once() {
    let _turn = turn();
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let mut checks = start(Kind::Sockets);
    checks.check(request(0, &host, port));
    arm(Plan { call: Call::Configure, fault: Fault::Error(Errno::PERM), after: 0, every: 1, times: u32::MAX });
    let statuses = (1..CHECKS).map(|id| checks.check(request(id, &host, port)).status);
    assert!(statuses.collect::<Vec<_>>().iter().all(|status| *status == Status::Up as u8));
    assert_eq!(disarm(), 0);
}

#[test]
fn an_unusable_socket_is_closed_at_once() {
    let _turn = turn();
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    for call in [Call::SetLinger, Call::SetDeferAccept, Call::Configure, Call::EpollAdd, Call::Connect] {
        let mut checks = start(Kind::Sockets);
        let files = open_files();
        arm(Plan { call, fault: Fault::Error(Errno::PERM), after: 0, every: 1, times: u32::MAX });
        checks.submit((0..CHECKS).map(|id| request(id, &host, port)));
        for record in checks.take(CHECKS as usize) {
            assert_eq!(Status::from_code(record.status), Some(Status::LocalError), "{record:?}");
        }
        assert_eq!(disarm(), CHECKS);
        assert_eq!(open_files(), files, "{call:?}");
    }
    let counted = format!("{} unusable sockets: 0 descriptors left, the engine running", 5 * CHECKS);
    proves(FILE, "an_unusable_socket_is_closed_at_once", "nothingLeft", &counted);
}

#[test]
fn a_failing_event_loop_recovers_or_ends_every_check() {
    let _turn = turn();
    let (targets, mut sums) = (Targets::new(Kind::Sockets), Sums::default());
    for plan in plans(Call::EpollWait) {
        run(plan, &targets, &mut sums);
    }
    for plan in plans(Call::EventfdWrite).filter(|plan| plan.fault == Fault::Error(Errno::INTR)) {
        run(plan, &targets, &mut sums);
    }
    assert!(sums.ended > 0);
    sums.proves("a_failing_event_loop_recovers_or_ends_every_check");
}

#[test]
fn every_check_ends_wherever_the_engine_panics_and_nothing_leaks() {
    let _turn = turn();
    let (targets, mut sums) = (Targets::new(Kind::Sockets), Sums::default());
    // Lookups run on other threads, whose panic does not end the engine.
    for call in FOR_A_CHECK.into_iter().filter(|call| *call != Call::GetAddrInfo).chain([Call::EpollWait]) {
        for after in [0, 5] {
            run(Plan { call, fault: Fault::Panic, after, every: 1, times: 1 }, &targets, &mut sums);
        }
    }
    assert!(sums.ended > FOR_A_CHECK.len() as u32);
    sums.proves("every_check_ends_wherever_the_engine_panics_and_nothing_leaks");
}

#[test]
fn a_failed_wake_up_is_repeated_by_the_next() {
    let _turn = turn();
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    for errno in errnos(Call::EventfdWrite) {
        let plan = Plan { call: Call::EventfdWrite, fault: Fault::Error(*errno), after: 0, every: 1, times: 1 };
        let mut checks = Checks::start();
        // The engine must be woken by the submission alone: the deadline is late, and a full handshake leaves no idle
        // socket, whose maintenance would wake it.
        let hour = Duration::from_secs(3600);
        let ask = || Request { zero_linger: false, timeout: hour, ..request(1, &host, port) };
        loop {
            arm(plan);
            checks.submit([ask()]);
            if disarm() == 1 {
                break;
            }
            // The engine thread was not waiting, so it needed no wake-up.
            checks.take(1);
        }
        checks.submit([ask()]);
        checks.take(2);
    }
}

#[test]
fn a_failed_start_reports_the_reason_and_leaks_nothing() {
    let _turn = turn();
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let (mut failed, files) = (0, open_files());
    for call in AT_THE_START {
        for errno in errnos(call) {
            let plan = Plan { call, fault: Fault::Error(*errno), after: 0, every: 1, times: 1 };
            let _running = Running(plan);
            arm(plan);
            let started = Engine::start(1, Arc::new(Outbox::default()), CONFIG);
            assert_eq!(disarm(), 1);
            match (call, started) {
                // The engine starts with the old limit.
                (Call::SetRlimit, Ok(engine)) => assert!(engine.window() > 0),
                (_, started) => assert_eq!(started.err().map(|error| error.errno), Some(*errno)),
            }
            eventually("nothing is left", || (open_files(), threads("shaker")) == (files, 0));
            let record = Checks::start().check(request(1, &host, port));
            assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
            eventually("nothing is left", || (open_files(), threads("shaker")) == (files, 0));
            failed += 1;
        }
    }
    let counted = format!("{failed} failed starts: 0 descriptors and 0 threads left, {failed} later starts succeeded");
    proves(FILE, "a_failed_start_reports_the_reason_and_leaks_nothing", "faults", &counted);
}

#[test]
fn a_lost_answer_is_no_timeout_however_late_the_check_ends() {
    const NAME: &str = "a_lost_answer_is_no_timeout_however_late_the_check_ends";
    let _turn = turn();
    if !entered(NAME, "") {
        return;
    }
    let (silent, mut checks) = (Silent::new(), start(Kind::Raw));
    let (host, port) = host_and_port(silent.address);
    let ask = |id, timeout| Request { timeout: Duration::from_millis(timeout), ..request(id, &host, port) };
    // At the deadline of the first check no answer can be read, so the second check gets another SYN, and less than a
    // second for the answer. Then the engine thread has no CPU for longer than that.
    let unreadable = Fault::Error(Errno::IO);
    arm(Plan { call: Call::Receive, fault: unreadable, after: 0, every: 1, times: u32::MAX });
    checks.submit([ask(1, 100), ask(2, 900)]);
    let first = checks.take(1)[0];
    disarm();
    let stall = Fault::Stall(Duration::from_millis(2500));
    arm(Plan { call: Call::EpollWait, fault: stall, after: 0, every: 1, times: 1 });
    // This check wakes the engine, whose next wait stalls.
    checks.submit([ask(3, 20_000)]);
    let second = checks.take(1)[0];
    disarm();
    for (record, id) in [(first, 1), (second, 2)] {
        assert_eq!((record.id, status_of(&record), record.code), (id, Status::LocalError, Errno::IO.raw_os_error()));
    }
}

fn status_of(record: &ResultRecord) -> Status {
    Status::from_code(record.status).unwrap()
}
