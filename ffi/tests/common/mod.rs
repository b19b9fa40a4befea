//! What the tests of the engine share: a way to ask, a way to wait for answers, and targets on loopback.

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

/// The number of checks that a test makes: fewer in `deno task test` than in `deno task test:all`.
pub fn scaled(all: u32, quick: u32) -> u32 {
    if std::env::var_os("TCP_SHAKER_ALL_COUNTS").is_some() { all } else { quick }
}

/// Long enough for everything that is expected to happen, on a machine that has other work too.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// An engine, and what it delivers: records, or `None` for its end.
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

    /// `see` is called on the thread that waits for results, before the test gets to know.
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
                    // A test that has seen enough is gone.
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

    /// The next record; `None` when the engine ended by itself.
    pub fn next(&mut self) -> Option<ResultRecord> {
        loop {
            if let Some(record) = self.arrived.next() {
                return Some(record);
            }
            let delivery = self.deliveries.recv_timeout(PATIENCE).expect("a delivery was due");
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

    /// Submits requests of one result each, and gives the results.
    pub fn submit_and_take<'a>(&mut self, requests: impl Iterator<Item = Request<'a>>) -> Vec<ResultRecord> {
        let requests: Vec<_> = requests.collect();
        self.submit(requests.iter().copied());
        self.take(requests.len())
    }

    /// Checks one target, and gives the only result.
    pub fn check(&mut self, request: Request<'_>) -> ResultRecord {
        self.submit([request]);
        let record = self.next().expect("the engine ended");
        assert_eq!((record.id, record.more), (request.id, 0));
        record
    }

    /// Unexpected results: those that arrive before the result of one more check, which is refused. All earlier
    /// requests are finished by then.
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
            // Its panic is that of a test that fails already.
            let _ = receiver.join();
        }
    }
}

/// An engine that is asked as JavaScript asks it: what is there already is fetched, the rest waited for.
pub struct Asked {
    pub engine: Engine,
    pub outbox: Arc<Outbox>,
}

impl Asked {
    pub fn new() -> Self {
        Self::with(Config::default())
    }

    pub fn with(config: Config) -> Self {
        let outbox = Arc::new(Outbox::default());
        Self { engine: Engine::start(NUMBER, Arc::clone(&outbox), config).unwrap(), outbox }
    }

    /// Whether the checks were answered at once.
    pub fn ask(&self, requests: &[Request<'_>]) -> bool {
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

    /// Makes one check, and gives its only result.
    pub fn answer(&self, request: &Request<'_>) -> ResultRecord {
        if !self.ask(&[*request]) {
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

    /// Waits for the next result, which comes alone.
    pub fn next(&self) -> ResultRecord {
        self.wait();
        let [record] = self.take()[..] else { panic!("one result was due") };
        record
    }
}

/// Every engine's number.
const NUMBER: u32 = 7;

pub fn request(id: u32, host: &str, port: u16) -> Request<'_> {
    let (host, timeout) = (host.into(), Duration::from_secs(20));
    Request { id, host, port, timeout, queue_timeout: None, family: None, resolve: Resolve::Any, zero_linger: true }
}

pub fn host_and_port(address: SocketAddr) -> (String, u16) {
    (address.ip().to_string(), address.port())
}

/// A listener on a free port. Its backlog has room for the connections of checks whose RST is late on a busy machine:
/// a full one would drop SYNs.
pub fn listener(at: &str) -> TcpListener {
    let listener = TcpListener::bind(at).unwrap();
    rustix::net::listen(listener.as_fd(), 4096).unwrap();
    listener
}

/// An address that refuses: it was free a moment ago, and lies outside of the range from which ports are drawn.
///
/// It is bound to find that out, but never listened at: another test, or another process, may be probing it right now.
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

/// Whether a check took so long that the kernel may have sent the ACK, which it holds back for 200 ms (give or take a
/// tick), from a socket whose verdict does not report it. It takes a machine that stood still.
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

/// Asserts that results report every connection that an application has: by mode "full", or by a local error that came
/// late. Only a machine that stood still lets the kernel send an ACK, so a port that is up reports none in time.
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

/// How many connections a listener has for its application.
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

/// Notes what a test has proved, for target/evidence.md: see tests/claims.ts and tests/support/evidence.ts. Texts are
/// printable ASCII, whose Debug form is JSON.
pub fn proves(file: &str, test: &str, claim: &str, counted: &str) {
    let Some(path) = std::env::var_os("TCP_SHAKER_EVIDENCE") else { return };
    let line = format!(r#"{{"claim":{claim:?},"file":{file:?},"test":{test:?},"counted":{counted:?}}}"#) + "\n";
    OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(line.as_bytes()).unwrap();
}

/// How many descriptors the process has.
pub fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// How many threads of the process have a name that starts so.
pub fn threads(name: &str) -> usize {
    std::fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(Result::ok)
        .filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok())
        .filter(|comm| comm.starts_with(name))
        .count()
}

/// Polls a condition that no event reports, of the kernel or of a thread that is not joined.
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::yield_now();
    }
}
