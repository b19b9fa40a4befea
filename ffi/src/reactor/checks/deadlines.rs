//! A timer heap with lazy deletion.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::instant::Instant;

/// A binary heap of timers.
///
/// Most checks end long before their deadline. Their entries are only counted as stale, and are removed together once
/// they are the majority. So setting and forgetting a deadline are O(1) in the common case, in which a new deadline is
/// later than all others, and the heap allocates no memory once it has grown.
pub struct Deadlines<K> {
    heap: BinaryHeap<Reverse<(Instant, K)>>,
    stale: usize,
}

/// The size of the heap below which stale entries are not removed.
const SWEEP_FROM: usize = 64;

impl<K: Copy + Ord> Deadlines<K> {
    pub fn with_capacity(capacity: usize) -> Self {
        Self { heap: BinaryHeap::with_capacity(capacity), stale: 0 }
    }

    /// Adds a timer: [`Self::pop_due`] returns `key` from `at` on.
    pub fn set(&mut self, at: Instant, key: K) {
        self.heap.push(Reverse((at, key)));
    }

    /// Counts one entry as stale. `is_live` returns whether an entry is not stale.
    pub fn forget(&mut self, is_live: impl Fn(Instant, K) -> bool) {
        self.stale += 1;
        if self.heap.len() > SWEEP_FROM && self.stale * 2 > self.heap.len() {
            self.heap.retain(|Reverse((at, key))| is_live(*at, *key));
            self.stale = 0;
        }
    }

    /// The earliest time of an entry, which may be stale.
    pub fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// Pops a due entry. The caller must check whether the entry is stale.
    pub fn pop_due(&mut self, now: Instant) -> Option<(Instant, K)> {
        let due = self.next().is_some_and(|at| at <= now);
        due.then(|| self.heap.pop()).flatten().map(|Reverse(entry)| entry)
    }

    /// Uncounts the entry that [`Self::pop_due`] returned, because it was stale.
    pub fn uncount_stale(&mut self) {
        self.stale = self.stale.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Fewer under Miri, which is about a hundred times slower.
    const MANY: usize = if cfg!(miri) { 50 } else { 1000 };

    #[test]
    fn due_entries_come_in_order_of_time() {
        let mut deadlines = Deadlines::with_capacity(0);
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
        let mut deadlines = Deadlines::with_capacity(0);
        let start = Instant::now();
        for key in 0..100 * MANY as u32 {
            deadlines.set(start + Duration::from_secs(1), key);
            deadlines.forget(|_, live| live > key);
        }
        assert!(deadlines.heap.len() <= 2 * SWEEP_FROM, "{} entries are left", deadlines.heap.len());
    }

    /// An operation on the heap: the key, and the time in ms.
    #[derive(Clone, Debug)]
    enum Step {
        Set(u8, u64),
        Forget(u8),
        Pop(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => (any::<u8>(), 0..1000u64).prop_map(|(key, ms)| Step::Set(key, ms)),
            3 => any::<u8>().prop_map(Step::Forget),
            1 => (0..1000u64).prop_map(Step::Pop),
        ]
    }

    proptest! {
        /// The engine's usage: one entry per key, which is replaced, forgotten or popped.
        #[test]
        fn live_entries_come_out_as_from_an_ordered_set(steps in vec(step(), 0..MANY)) {
            let start = Instant::now();
            let at = |ms| start + Duration::from_millis(ms);
            let mut deadlines = Deadlines::with_capacity(0);
            let mut live = BTreeMap::new();
            for step in steps {
                match step {
                    Step::Set(key, ms) => {
                        deadlines.set(at(ms), key);
                        if live.insert(key, at(ms)).is_some() {
                            deadlines.forget(|at, key| live.get(&key) == Some(&at));
                        }
                    }
                    Step::Forget(key) => {
                        if live.remove(&key).is_some() {
                            deadlines.forget(|at, key| live.get(&key) == Some(&at));
                        }
                    }
                    Step::Pop(ms) => {
                        let mut popped = Vec::new();
                        while let Some((at, key)) = deadlines.pop_due(start + Duration::from_millis(ms)) {
                            prop_assert!(at <= start + Duration::from_millis(ms));
                            if live.get(&key) == Some(&at) {
                                live.remove(&key);
                                popped.push((at, key));
                            } else {
                                deadlines.uncount_stale();
                            }
                        }
                        prop_assert!(popped.is_sorted());
                        prop_assert!(live.values().all(|deadline| *deadline > at(ms)));
                    }
                }
                // The first entry is not later than the first live one, and stale entries are not the majority.
                prop_assert!(live.values().min().is_none_or(|first| deadlines.next().unwrap() <= *first));
                prop_assert!(deadlines.heap.len() <= SWEEP_FROM.max(2 * live.len()) + 1);
            }
        }
    }
}
