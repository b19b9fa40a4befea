//! An engine without a receiving thread.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};

use tcp_shaker::record::{Request, ResultRecord};
use tcp_shaker::status::Status;
use tcp_shaker::{Config, Engine, Outbox};

use super::{NUMBER, TIME_LIMIT};

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
        let mut records = [ResultRecord::new(0, Status::Ended); 10];
        let count = self.outbox.take(&mut records);
        records[..count].to_vec()
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
        let (ended, end) = channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                if end.recv_timeout(TIME_LIMIT) == Err(RecvTimeoutError::Timeout) {
                    self.outbox.ring();
                }
            });
            self.outbox.wait();
            drop(ended);
        });
    }

    /// Waits for the next result, which must be the only one.
    pub fn next(&self) -> ResultRecord {
        self.wait();
        let [record] = self.take()[..] else { panic!("one result was due") };
        record
    }
}
