//! When to look at which check again.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

/// A heap of wake-up times.
///
/// Most checks end long before their deadline. Their entries are not searched for but counted as stale, and swept out
/// together once they are the majority: setting and forgetting a deadline stay O(1) in the common case (a later
/// deadline than all others goes to the heap's end), and no memory is allocated once the heap has grown.
pub struct Deadlines<K> {
    heap: BinaryHeap<Reverse<(Instant, K)>>,
    stale: usize,
}

/// Below this many entries sweeping is not worth the while.
const SWEEP_FROM: usize = 64;

impl<K: Copy + Ord> Deadlines<K> {
    pub fn new() -> Self {
        Self { heap: BinaryHeap::new(), stale: 0 }
    }

    /// Asks for `key` to be returned by [`Self::pop_due`] from `at` on.
    pub fn set(&mut self, at: Instant, key: K) {
        self.heap.push(Reverse((at, key)));
    }

    /// Says that one entry has lost its meaning; `is_live` tells which entries still have one.
    pub fn forget(&mut self, is_live: impl Fn(Instant, K) -> bool) {
        self.stale += 1;
        if self.heap.len() > SWEEP_FROM && self.stale * 2 > self.heap.len() {
            self.heap.retain(|Reverse((at, key))| is_live(*at, *key));
            self.stale = 0;
        }
    }

    /// The earliest wake-up time. It may be a stale entry's: waking up for nothing is harmless, and rare.
    pub fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes out one entry whose time has come, stale or not: the caller knows.
    pub fn pop_due(&mut self, now: Instant) -> Option<(Instant, K)> {
        let due = self.next().is_some_and(|at| at <= now);
        due.then(|| self.heap.pop()).flatten().map(|Reverse(entry)| entry)
    }

    /// Says that the entry taken out by [`Self::pop_due`] was a stale one.
    pub fn was_stale(&mut self) {
        self.stale = self.stale.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn due_entries_come_in_order_of_time() {
        let mut deadlines = Deadlines::new();
        let start = Instant::now();
        for ms in [30, 10, 20] {
            deadlines.set(start + Duration::from_millis(ms), ms);
        }
        assert_eq!(deadlines.next(), Some(start + Duration::from_millis(10)));
        assert_eq!(deadlines.pop_due(start), None);
        let now = start + Duration::from_millis(20);
        assert_eq!(deadlines.pop_due(now).unwrap().1, 10);
        assert_eq!(deadlines.pop_due(now).unwrap().1, 20);
        assert_eq!(deadlines.pop_due(now), None);
    }

    #[test]
    fn stale_entries_are_swept_once_they_are_the_majority() {
        let mut deadlines = Deadlines::new();
        let start = Instant::now();
        for key in 0..100_000u32 {
            deadlines.set(start + Duration::from_secs(1), key);
            deadlines.forget(|_, live| live > key);
        }
        assert!(deadlines.heap.len() <= 2 * SWEEP_FROM, "{} entries are left", deadlines.heap.len());
    }
}
