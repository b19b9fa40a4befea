//! Results on their way out: whoever wants them waits, and then takes all there are.
//!
//! Nobody is called from here. Deno frees a callback when its isolate ends (a worker is terminated, an error is not
//! caught), and a thread of ours that was about to call it would take the process down. So a thread that Deno lends
//! waits for results, which is safe at any time, and JavaScript then fetches them on its own thread.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::record::ResultRecord;

/// The results of any number of engines. Its length is bounded by the checks pending.
#[derive(Default)]
pub struct Outbox {
    state: Mutex<State>,
    filled: Condvar,
}

#[derive(Default)]
struct State {
    results: Vec<ResultRecord>,
    rung: bool,
    /// Memory to be used again.
    spare: Vec<ResultRecord>,
}

impl Outbox {
    /// Puts all results in, which leaves the vector empty.
    pub fn publish(&self, results: &mut Vec<ResultRecord>) {
        if results.is_empty() {
            return;
        }
        let mut state = self.lock();
        if state.results.is_empty() {
            std::mem::swap(&mut state.results, results);
        } else {
            state.results.append(results);
        }
        drop(state);
        self.filled.notify_one();
    }

    /// Ends the wait under way, or the next one.
    pub fn ring(&self) {
        self.lock().rung = true;
        self.filled.notify_one();
    }

    /// Waits until there are results, or somebody rings.
    pub fn wait(&self) {
        let waits = |state: &mut State| state.results.is_empty() && !state.rung;
        let state = self.filled.wait_while(self.lock(), waits);
        state.unwrap_or_else(PoisonError::into_inner).rung = false;
    }

    /// Takes all results, oldest first, and lends them. No lock is held meanwhile.
    pub fn take<T>(&self, receive: impl FnOnce(&[ResultRecord]) -> T) -> T {
        let mut state = self.lock();
        let spare = std::mem::take(&mut state.spare);
        let mut results = std::mem::replace(&mut state.results, spare);
        drop(state);
        let received = receive(&results);
        results.clear();
        self.lock().spare = results;
        received
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::status::Status;

    fn ids(outbox: &Outbox) -> Vec<u32> {
        outbox.take(|results| results.iter().map(|record| record.id).collect())
    }

    fn publish(outbox: &Outbox, ids: impl IntoIterator<Item = u32>) {
        outbox.publish(&mut ids.into_iter().map(|id| ResultRecord::new(id, Status::Up)).collect());
    }

    #[test]
    fn results_come_out_once_and_in_order() {
        let outbox = Outbox::default();
        publish(&outbox, [1, 2]);
        publish(&outbox, [3]);
        outbox.wait();
        assert_eq!(ids(&outbox), [1, 2, 3]);
        assert!(ids(&outbox).is_empty());
        publish(&outbox, [4]);
        assert_eq!(ids(&outbox), [4]);
    }

    #[test]
    fn results_that_come_while_others_are_looked_at_are_the_next() {
        let outbox = Outbox::default();
        publish(&outbox, [1]);
        outbox.take(|results| {
            publish(&outbox, [2]);
            assert_eq!(results.len(), 1);
        });
        outbox.wait();
        assert_eq!(ids(&outbox), [2]);
    }

    #[test]
    fn a_ring_ends_one_wait() {
        let outbox = Arc::new(Outbox::default());
        outbox.ring();
        outbox.wait();
        let waiting = std::thread::spawn({
            let outbox = Arc::clone(&outbox);
            move || outbox.wait()
        });
        outbox.ring();
        waiting.join().unwrap();
        assert!(ids(&outbox).is_empty());
    }
}
