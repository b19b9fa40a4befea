//! Results on their way out, and the notifier thread that delivers them.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crate::record::ResultRecord;

/// What is delivered to the receiver, on the notifier thread.
#[derive(Clone, Copy, Debug)]
pub enum Delivery<'a> {
    /// Finished checks, oldest first; never empty.
    Results(&'a [ResultRecord]),
    /// The engine ended by itself, by an error or a panic; nothing follows.
    Ended,
}

/// Results gather here while the receiver is busy. Its length is bounded by the checks pending.
pub struct Outbox {
    state: Mutex<State>,
    filled: Condvar,
}

struct State {
    records: Vec<ResultRecord>,
    closed: Option<Closed>,
}

/// Why nothing more comes.
#[derive(Clone, Copy)]
enum Closed {
    Stopped,
    Failed,
}

impl Outbox {
    pub fn new() -> Self {
        let state = State { records: Vec::new(), closed: None };
        Self { state: Mutex::new(state), filled: Condvar::new() }
    }

    /// Moves all records to the notifier.
    pub fn publish(&self, records: &mut Vec<ResultRecord>) {
        if records.is_empty() {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.records.is_empty() {
            std::mem::swap(&mut state.records, records);
        } else {
            state.records.append(records);
        }
        drop(state);
        self.filled.notify_one();
    }

    /// Ends the notifier. After a stop nobody waits for results any more; after a failure those that are left are
    /// delivered, and then the end.
    pub fn close(&self, failed: bool) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.closed = Some(if failed { Closed::Failed } else { Closed::Stopped });
        drop(state);
        self.filled.notify_one();
    }

    /// Starts the notifier. It alone calls `receive`, which may block: with Deno it does, for as long as JavaScript is
    /// busy. No lock is held meanwhile.
    pub fn start_notifier(
        self: &Arc<Self>,
        mut receive: impl FnMut(Delivery<'_>) + Send + 'static,
    ) -> std::io::Result<JoinHandle<()>> {
        let outbox = Arc::clone(self);
        thread::Builder::new().name("shaker-notify".into()).spawn(move || {
            let mut batch = Vec::new();
            loop {
                match outbox.take(&mut batch) {
                    Some(Closed::Stopped) => return,
                    Some(Closed::Failed) if batch.is_empty() => return receive(Delivery::Ended),
                    _ => receive(Delivery::Results(&batch)),
                }
                batch.clear();
            }
        })
    }

    /// Waits for records or the end.
    fn take(&self, batch: &mut Vec<ResultRecord>) -> Option<Closed> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = self
            .filled
            .wait_while(state, |state| state.records.is_empty() && state.closed.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut state.records, batch);
        state.closed
    }
}
