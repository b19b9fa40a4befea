//! Helpers of the engine's tests: submission of checks, receipt of results, and targets on loopback.

#![allow(dead_code, reason = "no test needs all of it")]

pub mod namespace;

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, SocketType};
use tcp_shaker::record::{Request, Resolve, ResultRecord};
use tcp_shaker::status::Status;
use tcp_shaker::{Config, Engine, Outbox};

/// The number of checks of a test: `quick` in `deno task test`, `all` in `deno task test:all`.
pub fn scaled(all: u32, quick: u32) -> u32 {
    if std::env::var_os("TCP_SHAKER_ALL_COUNTS").is_some() { all } else { quick }
}

/// The time limit of each expected event, long enough for a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// An engine, and a thread that receives its results.
pub struct Checks {
    pub engine: Engine,
    outbox: Arc<Outbox>,
    over: Arc<AtomicBool>,
    receiver: Option<JoinHandle<()>>,
    deliveries: Receiver<Option<Vec<ResultRecord>>>,
    arrived: std::vec::IntoIter<ResultRecord>,
}

impl Checks {
    pub fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// `see` is called with all results on the receiving thread, before the test gets them.
    pub fn start_with(see: impl FnMut(&[ResultRecord]) + Send + 'static) -> Self {
        Self::start_as(Config::default(), see)
    }

    pub fn start_as(config: Config, mut see: impl FnMut(&[ResultRecord]) + Send + 'static) -> Self {
        let (sender, deliveries): (Sender<Option<Vec<ResultRecord>>>, _) = channel();
        let (outbox, over) = (Arc::new(Outbox::default()), Arc::new(AtomicBool::new(false)));
        let engine = Engine::start(NUMBER, Arc::clone(&outbox), config).unwrap();
        let receiver = std::thread::spawn({
            let (outbox, over) = (Arc::clone(&outbox), Arc::clone(&over));
            move || {
                while !over.load(Ordering::SeqCst) {
                    outbox.wait();
                    let mut records = vec![ResultRecord::new(0, Status::Up); 1000];
                    let count = outbox.take(&mut records);
                    records.truncate(count);
                    see(&records);
                    assert!(records.iter().all(|record| record.engine == NUMBER));
                    let ended = records.pop_if(|last| last.status == Status::Ended as u8).is_some();
                    // The test may have ended.
                    let _ = sender.send(Some(records));
                    if ended {
                        let _ = sender.send(None);
                    }
                }
            }
        });
        let receiver = Some(receiver);
        Self { engine, outbox, over, receiver, deliveries, arrived: Vec::new().into_iter() }
    }

    pub fn submit<'a>(&self, requests: impl IntoIterator<Item = Request<'a>>) {
        let mut batch = Vec::new();
        for request in requests {
            request.encode(&mut batch);
        }
        self.engine.submit(&batch);
    }

    /// The next record; `None` if the engine ended by itself.
    pub fn next(&mut self) -> Option<ResultRecord> {
        loop {
            if let Some(record) = self.arrived.next() {
                return Some(record);
            }
            let delivery = self.deliveries.recv_timeout(PATIENCE).expect("no result within the time limit");
            self.arrived = delivery?.into_iter();
        }
    }

    /// Whether the next record has arrived.
    pub fn has_next(&mut self) -> bool {
        while self.arrived.len() == 0 {
            let Ok(delivery) = self.deliveries.try_recv() else { return false };
            self.arrived = delivery.expect("the engine ended").into_iter();
        }
        true
    }

    pub fn take(&mut self, count: usize) -> Vec<ResultRecord> {
        (0..count).map(|_| self.next().expect("the engine ended")).collect()
    }

    /// Submits requests of one result each, and returns the results.
    pub fn submit_and_take<'a>(&mut self, requests: impl Iterator<Item = Request<'a>>) -> Vec<ResultRecord> {
        let requests: Vec<_> = requests.collect();
        self.submit(requests.iter().copied());
        self.take(requests.len())
    }

    /// Checks one target, and returns the only result.
    pub fn check(&mut self, request: Request<'_>) -> ResultRecord {
        self.submit([request]);
        let record = self.next().expect("the engine ended");
        assert_eq!((record.id, record.more), (request.id, 0));
        record
    }

    /// Returns the results that arrive before the result of another check, of a closed port, when all earlier requests
    /// are finished.
    pub fn leftovers(&mut self) -> Vec<ResultRecord> {
        const LAST: u32 = u32::MAX;
        let (host, port) = host_and_port(free_address("127.0.0.1:0"));
        self.submit([request(LAST, &host, port)]);
        let mut records = Vec::new();
        loop {
            let record = self.next().expect("the engine ended");
            if record.id == LAST {
                return records;
            }
            records.push(record);
        }
    }
}

impl Drop for Checks {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        self.outbox.ring();
        if let Some(receiver) = self.receiver.take() {
            // If the thread has panicked, the test already fails.
            let _ = receiver.join();
        }
    }
}

/// An engine that answers lone checks of loopback on the submitting thread, as JavaScript uses it.
pub struct DirectEngine {
    pub engine: Engine,
    pub outbox: Arc<Outbox>,
}

impl DirectEngine {
    pub fn new() -> Self {
        Self::with(Config::default())
    }

    pub fn with(config: Config) -> Self {
        let outbox = Arc::new(Outbox::default());
        Self { engine: Engine::start(NUMBER, Arc::clone(&outbox), config).unwrap(), outbox }
    }

    /// Submits checks. Returns whether the results are already available.
    pub fn submit(&self, requests: &[Request<'_>]) -> bool {
        let mut batch = Vec::new();
        for request in requests {
            request.encode(&mut batch);
        }
        self.engine.submit_or_answer(&batch)
    }

    pub fn take(&self) -> Vec<ResultRecord> {
        let mut room = [ResultRecord::new(0, Status::Ended); 10];
        let count = self.outbox.take(&mut room);
        room[..count].to_vec()
    }

    /// Makes one check, and returns its only result.
    pub fn answer(&self, request: &Request<'_>) -> ResultRecord {
        if !self.submit(&[*request]) {
            return self.next();
        }
        let [record] = self.take()[..] else { panic!("one result was due") };
        record
    }

    /// Waits until there are results, with a time limit.
    pub fn wait(&self) {
        let (over, patience) = channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                if patience.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                    self.outbox.ring();
                }
            });
            self.outbox.wait();
            drop(over);
        });
    }

    /// Waits for the next result, which must be the only one.
    pub fn next(&self) -> ResultRecord {
        self.wait();
        let [record] = self.take()[..] else { panic!("one result was due") };
        record
    }
}

/// The number of each engine.
const NUMBER: u32 = 7;

pub fn request(id: u32, host: &str, port: u16) -> Request<'_> {
    let (host, timeout) = (host.into(), Duration::from_secs(20));
    Request { id, host, port, timeout, queue_timeout: None, family: None, resolve: Resolve::Any, zero_linger: true }
}

pub fn host_and_port(address: SocketAddr) -> (String, u16) {
    (address.ip().to_string(), address.port())
}

/// A listener on a free port. Its backlog is large, because on a busy machine late RSTs leave connections in it, and a
/// full backlog drops SYNs.
pub fn listener(at: &str) -> TcpListener {
    let listener = TcpListener::bind(at).unwrap();
    rustix::net::listen(listener.as_fd(), 4096).unwrap();
    listener
}

/// An address with a closed port, outside of the range of ephemeral ports.
///
/// A bind shows that the port is free. There is no listener at any time, because another test may be probing the port.
pub fn free_address(at: &str) -> SocketAddr {
    let mut address: SocketAddr = at.parse().unwrap();
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let is_free = |port: &u16| {
        address.set_port(*port);
        let socket = rustix::net::socket(family, SocketType::STREAM, None).unwrap();
        rustix::net::bind(&socket, &address).is_ok()
    };
    let port = (1024..32_768).rev().find(is_free).unwrap();
    SocketAddr::new(address.ip(), port)
}

/// Whether a check took so long that the kernel may have sent the ACK, which it delays by 200 ms, without a report. This
/// happens if the machine has stalled.
pub fn is_late(record: &ResultRecord) -> bool {
    record.duration >= 190.0
}

/// A silent target: a listener whose backlog is full, so that the kernel drops each further SYN.
pub struct Silent {
    pub address: SocketAddr,
    pub listener: TcpListener,
    _backlog: Vec<TcpStream>,
}

impl Silent {
    pub fn new() -> Self {
        Self::at("127.0.0.1:0")
    }

    pub fn at(at: &str) -> Self {
        let listener = listener(at);
        rustix::net::listen(listener.as_fd(), 0).unwrap();
        let address = listener.local_addr().unwrap();
        // A backlog of 0 has room for one connection.
        let first = TcpStream::connect(address).unwrap();
        Self { address, listener, _backlog: vec![first] }
    }
}

/// Asserts that results report every connection that the application accepts, by the mode "full" or by a late local
/// error, and that an open port has the mode "full" only if the machine has stalled.
pub fn assert_reported(target: &TcpListener, results: &[ResultRecord]) {
    let of = |status: Status| move |record: &&ResultRecord| record.status == status as u8;
    for record in results.iter().filter(of(Status::Up)) {
        assert!(record.full == 0 || is_late(record), "{record:?}");
    }
    let late_errors =
        results.iter().filter(of(Status::LocalError)).filter(|record| record.full == 0 && is_late(record));
    let reported = results.iter().filter(|record| record.full == 1).count() + late_errors.count();
    let accepted = accepted(target);
    assert!(accepted <= reported, "{accepted} connections were accepted, {reported} were reported");
}

/// Accepts all connections of a listener, and returns their number.
pub fn accepted(listener: &TcpListener) -> usize {
    listener.set_nonblocking(true).unwrap();
    let mut count = 0;
    loop {
        match listener.accept() {
            Ok(_) => count += 1,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return count,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Records the counts of a test for target/evidence.md; see tests/claims.ts and tests/support/evidence.ts. Texts are
/// printable ASCII, whose Debug form is JSON.
pub fn proves(file: &str, test: &str, claim: &str, counted: &str) {
    let Some(path) = std::env::var_os("TCP_SHAKER_EVIDENCE") else { return };
    let line = format!(r#"{{"claim":{claim:?},"file":{file:?},"test":{test:?},"counted":{counted:?}}}"#) + "\n";
    OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(line.as_bytes()).unwrap();
}

/// The number of descriptors of this process.
pub fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// The number of threads of this process whose name starts with `name`.
pub fn threads(name: &str) -> usize {
    std::fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(Result::ok)
        .filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok())
        .filter(|comm| comm.starts_with(name))
        .count()
}

/// Polls a condition of the kernel, or of a thread that is not joined, because no event reports it.
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::yield_now();
    }
}
