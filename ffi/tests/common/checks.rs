//! An engine whose results a thread receives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use tcp_shaker::record::{Request, ResultRecord};
use tcp_shaker::status::Status;
use tcp_shaker::{Config, Engine, Outbox};

use super::{NUMBER, TIME_LIMIT, free_address, host_and_port, request};

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
            let delivery = self.deliveries.recv_timeout(TIME_LIMIT).expect("no result within the time limit");
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
