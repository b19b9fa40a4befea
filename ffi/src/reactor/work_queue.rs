//! A blocking work queue for a thread pool. (A crate with a multi-consumer channel would enlarge the library by a
//! twentieth.)

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A FIFO queue of jobs.
pub struct WorkQueue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    waiting: VecDeque<T>,
    is_closed: bool,
}

impl<T> Default for WorkQueue<T> {
    fn default() -> Self {
        Self { state: Mutex::new(State { waiting: VecDeque::new(), is_closed: false }), changed: Condvar::new() }
    }
}

impl<T> WorkQueue<T> {
    /// Adds a job.
    pub fn push(&self, job: T) {
        self.lock().waiting.push_back(job);
        self.changed.notify_one();
    }

    /// Waits for a job. Returns `None` once the queue is closed.
    pub fn take(&self) -> Option<T> {
        let mut state = self
            .changed
            .wait_while(self.lock(), |state| state.waiting.is_empty() && !state.is_closed)
            .unwrap_or_else(PoisonError::into_inner);
        state.waiting.pop_front()
    }

    /// Closes the queue, and drops the jobs in it.
    pub fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        state.waiting.clear();
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;

    #[test]
    fn each_job_is_taken_once_and_closing_ends_the_threads() {
        let queue = Arc::<WorkQueue<u32>>::default();
        let (done, all_done) = std::sync::mpsc::channel();
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let (queue, done) = (Arc::clone(&queue), done.clone());
                thread::spawn(move || std::iter::from_fn(|| queue.take()).for_each(|job| done.send(job).unwrap()))
            })
            .collect();
        (0..100).for_each(|job| queue.push(job));
        let mut taken: Vec<_> = all_done.iter().take(100).collect();
        queue.close();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        drop(done);
        taken.extend(all_done);
        taken.sort_unstable();
        assert_eq!(taken, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn closing_drops_the_jobs_in_the_queue() {
        let queue = WorkQueue::default();
        queue.push(1);
        queue.close();
        assert_eq!(queue.take(), None);
    }
}
