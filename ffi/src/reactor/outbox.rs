//! The outbox: a queue of results for JavaScript. A thread of Deno's pool waits for results; then JavaScript fetches them
//! on its own thread.
//!
//! There is no callback, because Deno frees a callback when its isolate ends (a worker is terminated, an error is not
//! caught), and a later call by one of our threads would crash the process.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, TryLockError};

use crate::record::ResultRecord;

/// The results of any number of engines. Its length is bounded by the number of pending checks.
#[derive(Default)]
pub struct Outbox {
    state: Mutex<State>,
    filled: Condvar,
}

#[derive(Default)]
struct State {
    results: Vec<ResultRecord>,
    /// The number of results at the front that were taken.
    taken: usize,
    rung: bool,
    /// The number of waiting threads.
    waiting: usize,
}

impl Outbox {
    /// Moves all results into the outbox, and wakes the waiting thread.
    pub fn publish(&self, results: &mut Vec<ResultRecord>) {
        if !results.is_empty() {
            self.put(self.lock(), results);
        }
    }

    /// Does the same as [`Self::publish`], unless another thread holds the lock; then the results stay in the vector. The
    /// engine thread must not wait for the lock, because the lock's holder may have no CPU, and a SYN-ACK must be
    /// answered within 200 ms.
    pub fn try_publish(&self, results: &mut Vec<ResultRecord>) {
        if results.is_empty() {
            return;
        }
        match self.state.try_lock() {
            Ok(state) => self.put(state, results),
            Err(TryLockError::Poisoned(poisoned)) => self.put(poisoned.into_inner(), results),
            Err(TryLockError::WouldBlock) => {}
        }
    }

    /// Adds a result without waking the waiting thread. The caller must make sure that the result is taken.
    pub fn leave(&self, result: ResultRecord) {
        self.lock().results.push(result);
    }

    /// Whether all results have been taken.
    pub fn is_empty(&self) -> bool {
        self.lock().results.is_empty()
    }

    fn put(&self, mut state: MutexGuard<'_, State>, results: &mut Vec<ResultRecord>) {
        if state.results.is_empty() {
            std::mem::swap(&mut state.results, results);
        } else {
            state.results.append(results);
        }
        drop(state);
        self.filled.notify_one();
    }

    /// Ends the current wait, or the next one.
    pub fn ring(&self) {
        self.lock().rung = true;
        self.filled.notify_one();
    }

    /// Waits until there are results, or [`Self::ring`] is called.
    pub fn wait(&self) {
        let waits = |state: &mut State| state.results.is_empty() && !state.rung;
        let mut state = self.lock();
        state.waiting += 1;
        let mut state = self.filled.wait_while(state, waits).unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state.rung = false;
    }

    /// Whether a thread is waiting for results.
    pub fn has_waiter(&self) -> bool {
        self.lock().waiting > 0
    }

    /// Moves results into `room`, oldest first. Returns their number.
    pub fn take(&self, room: &mut [ResultRecord]) -> usize {
        let mut state = self.lock();
        let results = &state.results[state.taken..];
        let count = results.len().min(room.len());
        room[..count].copy_from_slice(&results[..count]);
        state.taken += count;
        if state.taken == state.results.len() {
            state.results.clear();
            state.taken = 0;
        }
        count
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
        let mut room = [ResultRecord::new(0, Status::Up); 2];
        let count = outbox.take(&mut room);
        room[..count].iter().map(|record| record.id).collect()
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
        assert_eq!(ids(&outbox), [1, 2]);
        // Results of `leave()` end the next wait, and are taken before newer ones.
        outbox.wait();
        publish(&outbox, [4]);
        assert_eq!(ids(&outbox), [3, 4]);
        assert!(ids(&outbox).is_empty());
        publish(&outbox, [5]);
        assert_eq!(ids(&outbox), [5]);
    }

    #[test]
    fn results_stay_with_the_engine_while_the_outbox_is_locked() {
        let outbox = Outbox::default();
        let mut results = vec![ResultRecord::new(1, Status::Up)];
        let state = outbox.lock();
        outbox.try_publish(&mut results);
        assert_eq!(results.len(), 1);
        drop(state);
        outbox.try_publish(&mut results);
        assert!(results.is_empty());
        assert_eq!(ids(&outbox), [1]);
    }

    #[test]
    fn a_ring_ends_one_wait() {
        let outbox = Arc::new(Outbox::default());
        outbox.ring();
        outbox.wait();
        assert!(!outbox.has_waiter());
        let waiting = std::thread::spawn({
            let outbox = Arc::clone(&outbox);
            move || outbox.wait()
        });
        while !outbox.has_waiter() {
            std::thread::yield_now();
        }
        outbox.ring();
        waiting.join().unwrap();
        assert!(!outbox.has_waiter());
        assert!(ids(&outbox).is_empty());
    }
}
