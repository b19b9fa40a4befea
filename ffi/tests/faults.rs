//! A system call that fails loses no check, tells no lie about a target, and leaves nothing behind.
#![cfg(feature = "faults")]

mod common;

use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use common::namespace::entered;
use common::{
    Checks, Silent, accepted, eventually, free_address, host_and_port, is_late, listener, open_files, proves, request,
    scaled, threads,
};
use rustix::io::Errno;
use tcp_shaker::faults::{Call, Fault, Plan, arm, disarm};
use tcp_shaker::record::{Family, Request, ResultRecord};
use tcp_shaker::status::Status;
use tcp_shaker::{Config, Engine, Kind, Outbox, Outcome};

/// Checks of a run, and how many are submitted at once.
const CHECKS: u32 = 240;
const BATCH: u32 = 40;

/// When a call fails: the first time, once in the middle, every third time, for a while.
const OCCASIONS: [(u32, u32, u32); 4] = [(0, 1, 1), (20, 1, 1), (0, 3, u32::MAX), (10, 1, 30)];

/// Calls that are made for a check.
const FOR_A_CHECK: [Call; 15] = [
    Call::Socket,
    Call::SetLinger,
    Call::SetDeferAccept,
    Call::Configure,
    Call::Connect,
    Call::Disconnect,
    Call::SocketError,
    Call::TcpInfo,
    Call::SetMinTtl,
    Call::GetSockName,
    Call::GetPeerName,
    Call::InterfaceIndex,
    Call::EpollAdd,
    Call::GetAddrInfo,
    Call::SpawnThread,
];

/// Calls that are made for a check without a socket.
const FOR_A_RAW_CHECK: [Call; 6] =
    [Call::Socket, Call::Configure, Call::Bind, Call::GetSockName, Call::Send, Call::Receive];

/// Calls that are made when an engine starts.
const AT_THE_START: [Call; 6] =
    [Call::Configure, Call::EpollCreate, Call::EventfdCreate, Call::EpollAdd, Call::SetRlimit, Call::SpawnThread];

/// Calls that the loop is made of.
const OF_THE_LOOP: [Call; 2] = [Call::EpollWait, Call::EventfdWrite];

/// What the man pages say that a call fails with; and EPERM, with which a seccomp filter answers.
fn errnos(call: Call) -> &'static [Errno] {
    match call {
        Call::Socket => &[
            Errno::ACCESS,
            Errno::AFNOSUPPORT,
            Errno::INVAL,
            Errno::MFILE,
            Errno::NFILE,
            Errno::NOBUFS,
            Errno::NOMEM,
            Errno::PROTONOSUPPORT,
            Errno::PERM,
        ],
        Call::SetLinger | Call::SetDeferAccept | Call::SetMinTtl | Call::Configure => {
            &[Errno::BADF, Errno::INVAL, Errno::NOPROTOOPT, Errno::NOMEM, Errno::NOBUFS, Errno::PERM]
        }
        Call::Connect => &[
            Errno::ACCESS,
            Errno::PERM,
            Errno::ADDRINUSE,
            Errno::ADDRNOTAVAIL,
            Errno::AFNOSUPPORT,
            Errno::AGAIN,
            Errno::ALREADY,
            Errno::BADF,
            Errno::INTR,
            Errno::INVAL,
            Errno::ISCONN,
            Errno::NOBUFS,
            Errno::NOMEM,
            Errno::TIMEDOUT,
        ],
        Call::Send => &[Errno::ACCESS, Errno::PERM, Errno::AGAIN, Errno::INVAL, Errno::NOBUFS],
        Call::Receive => &[Errno::AGAIN, Errno::INTR, Errno::INVAL, Errno::NOMEM, Errno::HOSTUNREACH, Errno::PERM],
        Call::Disconnect => &[Errno::ACCESS, Errno::PERM, Errno::BADF, Errno::INTR, Errno::INVAL, Errno::NOMEM],
        Call::SocketError | Call::TcpInfo => {
            &[Errno::BADF, Errno::INVAL, Errno::NOPROTOOPT, Errno::NOMEM, Errno::NOBUFS, Errno::PERM]
        }
        Call::GetSockName => &[Errno::BADF, Errno::INVAL, Errno::NOBUFS, Errno::PERM],
        Call::GetPeerName => &[Errno::BADF, Errno::INVAL, Errno::NOBUFS, Errno::PERM, Errno::NOTCONN],
        Call::InterfaceIndex => &[Errno::NODEV, Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::PERM],
        Call::GetAddrInfo => &[Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::AGAIN, Errno::INTR],
        Call::EpollCreate => &[Errno::INVAL, Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::PERM],
        // EADDRINUSE is reported with the error that connect() has for it.
        Call::Bind => &[Errno::ADDRNOTAVAIL, Errno::INVAL, Errno::NOBUFS, Errno::NOMEM, Errno::PERM],
        Call::EpollAdd => &[Errno::BADF, Errno::EXIST, Errno::INVAL, Errno::NOMEM, Errno::NOSPC, Errno::PERM],
        Call::EpollWait => &[Errno::INTR, Errno::BADF, Errno::FAULT, Errno::INVAL, Errno::PERM],
        Call::EventfdCreate => &[Errno::INVAL, Errno::MFILE, Errno::NFILE, Errno::NODEV, Errno::NOMEM, Errno::PERM],
        Call::EventfdWrite => &[Errno::INTR, Errno::AGAIN, Errno::BADF, Errno::INVAL, Errno::PERM],
        Call::SetRlimit => &[Errno::PERM, Errno::INVAL, Errno::FAULT],
        Call::SpawnThread => &[Errno::AGAIN, Errno::PERM],
    }
}

/// An engine whose sockets are configured, too.
fn start(kind: Kind) -> Checks {
    Checks::start_as(Config { kind, ..CONFIG }, |_| {})
}

const CONFIG: Config = Config {
    source: None,
    interface: None,
    mark: 0,
    tos: 0x10,
    syn_retries: None,
    kind: Kind::Sockets,
    rate: 0,
    extra_threads: 0,
};

/// One test at a time: descriptors, threads and what is armed are the process's.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The plans in which a call fails, one per errno and occasion. The quick tests combine the first errno with all occasions,
/// and the other errnos with the first occasion.
fn plans(call: Call) -> impl Iterator<Item = Plan> {
    errnos(call).iter().enumerate().flat_map(move |(i, errno)| {
        let occasions = if i == 0 { OCCASIONS.len() } else { scaled(OCCASIONS.len() as u32, 1) as usize };
        OCCASIONS.into_iter().take(occasions).map(move |(after, every, times)| Plan {
            call,
            fault: Fault::Error(*errno),
            after,
            every,
            times,
        })
    })
}

/// Kinds of checks, by their ids; the others are of a port that is up.
const KINDS: u32 = 8;
const REFUSED: u32 = 2;
const SCOPED: u32 = 3;
const FULL: u32 = 4;
const NAMED: u32 = 5;
const SILENT: u32 = 6;
const CANCELLED: u32 = 7;

/// What is checked, and by which kind of engine.
struct Targets {
    kind: Kind,
    up: TcpListener,
    /// For handshakes that are completed, since that was asked for.
    full: TcpListener,
    up_at: (String, u16),
    full_at: (String, u16),
    refused_at: (String, u16),
    scoped_at: (String, u16),
    named_at: (String, u16),
    silent_at: (String, u16),
    _silent: Silent,
}

impl Targets {
    fn new(kind: Kind) -> Self {
        let (up, full, silent) = (listener("127.0.0.1:0"), listener("127.0.0.1:0"), Silent::new());
        let [up_at, full_at] = [&up, &full].map(|target| host_and_port(target.local_addr().unwrap()));
        Self {
            kind,
            named_at: ("localhost".into(), up_at.1),
            up,
            full,
            up_at,
            full_at,
            refused_at: host_and_port(free_address("127.0.0.1:0")),
            scoped_at: ("::1%lo".into(), free_address("[::1]:0").port()),
            silent_at: host_and_port(silent.address),
            _silent: silent,
        }
    }

    /// A check, of a kind by its id, and the only verdict about its target that is true.
    fn check(&self, id: u32) -> (Request<'_>, Status) {
        let (host, port, status) = match id % KINDS {
            REFUSED => (&self.refused_at.0, self.refused_at.1, Status::Refused),
            SCOPED => (&self.scoped_at.0, self.scoped_at.1, Status::Refused),
            FULL => (&self.full_at.0, self.full_at.1, Status::Up),
            NAMED => (&self.named_at.0, self.named_at.1, Status::Up),
            SILENT | CANCELLED => (&self.silent_at.0, self.silent_at.1, Status::Timeout),
            _ => (&self.up_at.0, self.up_at.1, Status::Up),
        };
        let asked = request(id, host, port);
        let timeout = if id % KINDS == SILENT { Duration::from_millis(10) } else { asked.timeout };
        // Of the addresses that "localhost" may have only one is up.
        let family = (id % KINDS == NAMED).then_some(Family::V4);
        (Request { timeout, family, zero_linger: id % KINDS != FULL || self.kind == Kind::Raw, ..asked }, status)
    }
}

/// What came of the checks of a run.
#[derive(Default)]
struct Answers {
    answered: Vec<bool>,
    true_verdicts: u32,
    local_errors: u32,
    /// Half-open checks of which the application may know, and which we know of.
    acknowledged: usize,
}

impl Answers {
    fn new() -> Self {
        Self { answered: vec![false; CHECKS as usize], ..Self::default() }
    }

    fn take(&mut self, record: &ResultRecord, targets: &Targets, fault: Fault) {
        let answered = &mut self.answered[record.id as usize];
        assert!(!*answered, "answered twice: {record:?}");
        *answered = true;
        let status = Status::from_code(record.status).unwrap();
        let tells = record.full == 1 || (status == Status::LocalError && is_late(record));
        self.acknowledged += usize::from(tells && record.id % KINDS != FULL);
        if status == Status::LocalError {
            assert_eq!(Fault::Error(Errno::from_raw_os_error(record.code)), fault, "{record:?}");
            self.local_errors += 1;
        } else {
            assert_eq!(status, targets.check(record.id).1, "{record:?}");
            self.true_verdicts += 1;
        }
    }

    fn are_complete(&self) -> bool {
        (0..).zip(&self.answered).all(|(id, answered)| *answered || id % KINDS == CANCELLED)
    }
}

/// Says which plan it was when a test fails.
struct Running(Plan);

impl Drop for Running {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("while {:?}", self.0);
        }
    }
}

/// Sums of all runs of a test.
#[derive(Default)]
struct Sums {
    runs: u32,
    faults: u32,
    true_verdicts: u32,
    local_errors: u32,
    ended: u32,
    accepted: usize,
    /// Connections of checks that asked for one.
    full: usize,
}

/// Runs mixed checks while a call fails, on an engine of their own, and sees that it leaves nothing behind.
fn run(plan: Plan, targets: &Targets, sums: &mut Sums) {
    let _running = Running(plan);
    let (files, mut checks, mut answers) = (open_files(), start(targets.kind), Answers::new());
    let began = Instant::now();
    arm(plan);
    for first in (0..CHECKS).step_by(BATCH as usize) {
        checks.submit((first..first + BATCH).map(|id| targets.check(id).0));
        (first..first + BATCH).filter(|id| id % KINDS == CANCELLED).for_each(|id| checks.engine.cancel(id));
    }
    let mut has_ended = false;
    while !has_ended && !answers.are_complete() {
        match checks.next() {
            Some(record) => answers.take(&record, targets, plan.fault),
            None => has_ended = true,
        }
    }
    let faults = disarm();
    let is_fatal = match plan.fault {
        Fault::Panic => true,
        Fault::Error(errno) => plan.call == Call::EpollWait && errno != Errno::INTR,
        Fault::Stall(_) => false,
    };
    if is_fatal && faults > 0 {
        assert!(has_ended || checks.next().is_none());
        let outcome = if let Fault::Error(errno) = plan.fault { Outcome::Failed(errno) } else { Outcome::Panicked };
        assert_eq!(checks.engine.stop(), outcome);
        sums.ended += 1;
    } else {
        assert!(!has_ended, "it ended by itself");
        checks.leftovers().iter().for_each(|record| answers.take(record, targets, plan.fault));
        // It has recovered.
        let (host, port) = &targets.up_at;
        let record = checks.check(request(0, host, *port));
        assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
        answers.acknowledged += usize::from(record.full);
        assert_eq!(checks.engine.stop(), Outcome::Stopped);
        // A fault spoils one check at most; that of a lookup those who share it, and answers that can't be read those whose
        // time is over by then.
        if !matches!(plan.call, Call::GetAddrInfo | Call::SpawnThread | Call::Receive) {
            assert!(answers.local_errors <= faults, "{} local errors of {faults} faults", answers.local_errors);
        }
    }
    drop(checks);
    // A lookup may still be in flight, and what was joined leaves /proc a moment later.
    eventually("nothing is left", || (open_files(), threads("shaker")) == (files, 0));
    let accepted_by_up = accepted(&targets.up);
    // An engine that ends while the machine stands still can't report the ACK.
    let may_be_told = !has_ended || began.elapsed() < Duration::from_millis(190);
    assert!(accepted_by_up <= answers.acknowledged || !may_be_told, "{accepted_by_up} last ACKs have left");
    sums.accepted += accepted_by_up;
    sums.full += accepted(&targets.full);
    sums.runs += 1;
    sums.faults += faults;
    sums.true_verdicts += answers.true_verdicts;
    sums.local_errors += answers.local_errors;
}

impl Sums {
    fn proves(&self, test: &str) {
        let Self { runs, faults, true_verdicts, local_errors, ended, accepted, .. } = self;
        let answers = format!(
            "{true_verdicts} true verdicts, {local_errors} local errors, {ended} engines ended, {accepted} accepted"
        );
        let checks = runs * CHECKS;
        proves("ffi/tests/faults.rs", test, "faults", &format!("{faults} faults under {checks} checks: {answers}"));
    }
}

#[test]
fn these_tests_make_every_call_fail() {
    let ours = FOR_A_CHECK.into_iter().chain(FOR_A_RAW_CHECK).chain(AT_THE_START).chain(OF_THE_LOOP);
    assert!(Call::ALL.iter().all(|call| ours.clone().any(|ours| ours == *call)));
}

#[test]
fn a_failing_call_falsifies_no_verdict_of_the_raw_engine() {
    const NAME: &str = "a_failing_call_falsifies_no_verdict_of_the_raw_engine";
    // What runs in the namespace has descriptors of this process, too.
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

/// Checks an open port, with a short timeout, while calls fail, and asserts that all results are alike. Returns the
/// result, and how many calls have failed.
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
    // Time in the queue is no check's own.
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
    // All calls that read answers fail, or every second: between them errors of the network are asked for.
    for (every, status, code) in [(1, Status::LocalError, Errno::IO.raw_os_error()), (3, Status::Up, 0)] {
        let plan = Plan { call: Call::Receive, fault: Fault::Error(Errno::IO), after: 0, every, times: u32::MAX };
        let (_, faults) = all_are(status, code, plan, &target, &mut checks);
        assert!(faults > 0);
    }
    let counted = format!("{CHECKS} answers that could not be read: {CHECKS} local errors, 0 timeouts");
    proves("ffi/tests/faults.rs", NAME, "verdicts", &counted);
}

#[test]
fn a_failing_call_fails_one_check_and_falsifies_no_verdict() {
    let _turn = turn();
    let (targets, mut sums) = (Targets::new(Kind::Sockets), Sums::default());
    for call in FOR_A_CHECK {
        let before = sums.faults;
        plans(call).for_each(|plan| run(plan, &targets, &mut sums));
        // At least the first call of each run with an errno failed.
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
    let counted = format!("{} sockets that could not be used: 0 descriptors left, the engine running", 5 * CHECKS);
    proves("ffi/tests/faults.rs", "an_unusable_socket_is_closed_at_once", "nothingLeft", &counted);
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
    // Lookups are made on threads of their own.
    for call in FOR_A_CHECK.into_iter().filter(|call| *call != Call::GetAddrInfo).chain([Call::EpollWait]) {
        for after in [0, 5] {
            run(Plan { call, fault: Fault::Panic, after, every: 1, times: 1 }, &targets, &mut sums);
        }
    }
    assert!(sums.ended > FOR_A_CHECK.len() as u32);
    sums.proves("every_check_ends_wherever_the_engine_panics_and_nothing_leaks");
}

#[test]
fn the_next_wake_up_makes_up_for_a_failed_one() {
    let _turn = turn();
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    for errno in errnos(Call::EventfdWrite) {
        let plan = Plan { call: Call::EventfdWrite, fault: Fault::Error(*errno), after: 0, every: 1, times: 1 };
        let mut checks = Checks::start();
        // Neither a deadline nor an idle socket, which a full handshake doesn't leave, wakes the engine up in time.
        let hour = Duration::from_secs(3600);
        let ask = || Request { zero_linger: false, timeout: hour, ..request(1, &host, port) };
        loop {
            arm(plan);
            checks.submit([ask()]);
            if disarm() == 1 {
                break;
            }
            // The engine was awake.
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
                // The limit is what it is, then.
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
    let counted =
        format!("{failed} failures at the start: 0 descriptors and 0 threads left, {failed} engines started after");
    proves("ffi/tests/faults.rs", "a_failed_start_reports_the_reason_and_leaks_nothing", "faults", &counted);
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
    // When the time of the first is up no answer can be read, so the second is asked again, and has not got the second that
    // an answer may take. Then the engine has no CPU for longer than that.
    let unreadable = Fault::Error(Errno::IO);
    arm(Plan { call: Call::Receive, fault: unreadable, after: 0, every: 1, times: u32::MAX });
    checks.submit([ask(1, 100), ask(2, 900)]);
    let first = checks.take(1)[0];
    disarm();
    let stall = Fault::Stall(Duration::from_millis(2500));
    arm(Plan { call: Call::EpollWait, fault: stall, after: 0, every: 1, times: 1 });
    // It wakes the engine, whose next wait is the long one.
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
