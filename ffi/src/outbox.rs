//! Results on their way out: whoever wants them waits, and then takes all there are.
//!
//! Nobody is called from here. Deno frees a callback when its isolate ends (a worker is terminated, an error is not
//! caught), and a thread of ours that was about to call it would take the process down. So a thread that Deno lends
//! waits for results, which is safe at any time, and JavaScript then fetches them on its own thread.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, TryLockError};

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
    /// How many of them have been taken.
    taken: usize,
    rung: bool,
    /// Threads that wait now.
    waiting: usize,
}

impl Outbox {
    /// Puts all results in, which leaves the vector empty.
    pub fn publish(&self, results: &mut Vec<ResultRecord>) {
        if !results.is_empty() {
            self.put(self.lock(), results);
        }
    }

    /// Does the same unless somebody else is at the outbox: the engine waits for no lock, since whoever holds it may have
    /// no CPU, and SYN-ACKs don't wait either. The results are then still in the vector.
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

    /// Puts one in, of which whoever waits is not told: who put it in sees to it that it is taken.
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

    /// Ends the wait under way, or the next one.
    pub fn ring(&self) {
        self.lock().rung = true;
        self.filled.notify_one();
    }

    /// Waits until there are results, or somebody rings.
    pub fn wait(&self) {
        let waits = |state: &mut State| state.results.is_empty() && !state.rung;
        let mut state = self.lock();
        state.waiting += 1;
        let mut state = self.filled.wait_while(state, waits).unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state.rung = false;
    }

    /// Whether a thread waits, which results will wake.
    pub fn has_waiter(&self) -> bool {
        self.lock().waiting > 0
    }

    /// Takes results, oldest first, for as many as there is room. Returns how many.
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
        // What is left ends the next wait, and comes before what came since.
        outbox.wait();
        publish(&outbox, [4]);
        assert_eq!(ids(&outbox), [3, 4]);
        assert!(ids(&outbox).is_empty());
        publish(&outbox, [5]);
        assert_eq!(ids(&outbox), [5]);
    }

    #[test]
    fn results_stay_with_the_engine_while_somebody_is_at_the_outbox() {
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
