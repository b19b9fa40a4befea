//! A run of mixed checks while a call fails.

use std::net::TcpListener;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use tcp_shaker::faults::{Call, Fault, Plan, arm, disarm};
use tcp_shaker::record::{Family, Request, ResultRecord};
use tcp_shaker::status::Status;
use tcp_shaker::{Config, Kind, Outcome};

use crate::common::{
    Checks, Silent, accepted, eventually, free_address, host_and_port, is_late, listener, open_files, proves, request,
    threads,
};

/// The file of the tests in the evidence.
pub const FILE: &str = "ffi/tests/faults/main.rs";

/// The number of checks of a run, and of a batch.
pub const CHECKS: u32 = 240;
const BATCH: u32 = 40;

/// An engine with a socket option, so that its sockets are configured.
pub fn start(kind: Kind) -> Checks {
    Checks::start_as(Config { kind, ..CONFIG }, |_| {})
}

pub const CONFIG: Config = Config {
    source: None,
    interface: None,
    mark: 0,
    tos: 0x10,
    syn_retries: None,
    kind: Kind::Sockets,
    rate: 0,
    extra_threads: 0,
};

/// Serializes the tests, which share descriptors, threads and armed plans.
pub fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Kinds of checks, by id modulo [`KINDS`]; others are of an open port.
const KINDS: u32 = 8;
const REFUSED: u32 = 2;
const SCOPED: u32 = 3;
const FULL: u32 = 4;
const NAMED: u32 = 5;
const SILENT: u32 = 6;
const CANCELLED: u32 = 7;

/// The targets of a run, and the kind of engine.
pub struct Targets {
    kind: Kind,
    up: TcpListener,
    /// The target of full handshakes.
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
    pub fn new(kind: Kind) -> Self {
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

    /// The check with an id, and its true verdict.
    pub fn check(&self, id: u32) -> (Request<'_>, Status) {
        let (host, port, status) = match id % KINDS {
            REFUSED => (&self.refused_at.0, self.refused_at.1, Status::Refused),
            SCOPED => (&self.scoped_at.0, self.scoped_at.1, Status::Refused),
            FULL => (&self.full_at.0, self.full_at.1, Status::Up),
            NAMED => (&self.named_at.0, self.named_at.1, Status::Up),
            SILENT | CANCELLED => (&self.silent_at.0, self.silent_at.1, Status::Timeout),
            _ => (&self.up_at.0, self.up_at.1, Status::Up),
        };
        let base = request(id, host, port);
        let timeout = if id % KINDS == SILENT { Duration::from_millis(10) } else { base.timeout };
        // Only one address of "localhost" is up.
        let family = (id % KINDS == NAMED).then_some(Family::V4);
        (Request { timeout, family, zero_linger: id % KINDS != FULL || self.kind == Kind::Raw, ..base }, status)
    }
}

/// The results of a run.
#[derive(Default)]
struct Answers {
    answered: Vec<bool>,
    true_verdicts: u32,
    local_errors: u32,
    /// The number of half-open checks whose results report an ACK.
    acknowledged: usize,
}

impl Answers {
    pub fn new() -> Self {
        Self { answered: vec![false; CHECKS as usize], ..Self::default() }
    }

    pub fn take(&mut self, record: &ResultRecord, targets: &Targets, fault: Fault) {
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

    pub fn are_complete(&self) -> bool {
        (0..).zip(&self.answered).all(|(id, answered)| *answered || id % KINDS == CANCELLED)
    }
}

/// Prints the plan when a test fails.
pub struct Running(pub Plan);

impl Drop for Running {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("while {:?}", self.0);
        }
    }
}

/// Sums of all runs of a test.
#[derive(Default)]
pub struct Sums {
    pub runs: u32,
    pub faults: u32,
    pub true_verdicts: u32,
    pub local_errors: u32,
    pub ended: u32,
    pub accepted: usize,
    /// The number of connections of full handshakes.
    pub full: usize,
}

/// Runs mixed checks on a new engine while a call fails, and asserts that the engine leaks nothing.
pub fn run(plan: Plan, targets: &Targets, sums: &mut Sums) {
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
        // The engine has recovered.
        let (host, port) = &targets.up_at;
        let record = checks.check(request(0, host, *port));
        assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
        answers.acknowledged += usize::from(record.full);
        assert_eq!(checks.engine.stop(), Outcome::Stopped);
        // A fault fails at most one check, except that a lookup may have several checks, and unreadable answers may fail
        // all checks whose deadline passes.
        if !matches!(plan.call, Call::GetAddrInfo | Call::SpawnThread | Call::Receive) {
            assert!(answers.local_errors <= faults, "{} local errors of {faults} faults", answers.local_errors);
        }
    }
    drop(checks);
    // A lookup may still be in flight, and a joined thread leaves /proc a moment later.
    eventually("nothing is left", || (open_files(), threads("shaker")) == (files, 0));
    let accepted_by_up = accepted(&targets.up);
    // An engine that ends while the machine stalls can't report the ACK.
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
    pub fn proves(&self, test: &str) {
        let Self { runs, faults, true_verdicts, local_errors, ended, accepted, .. } = self;
        let answers = format!(
            "{true_verdicts} true verdicts, {local_errors} local errors, {ended} engines ended, {accepted} accepted"
        );
        let checks = runs * CHECKS;
        proves(FILE, test, "faults", &format!("{faults} faults under {checks} checks: {answers}"));
    }
}
