//! The table of pending checks, with their timers.

mod attempt;
mod check;
mod clock;
mod deadlines;
mod ids;
mod result;
mod short_duration;
mod target;
mod timers;

use std::ops::{Index, IndexMut};

use slotmap::SlotMap;

use crate::instant::Instant;
use crate::keys::{CheckKey, ProbeKey};
pub use attempt::Attempt;
pub use check::{Check, HandshakeKind, Place};
use deadlines::Deadlines;
use ids::Ids;
pub use target::{Name, Target};
pub use timers::Due;

/// The pending checks by key and by the caller's id, and a timer heap with one entry per check: its earliest timer.
///
/// Timers change only through this table, which updates the heap. Other fields of a check may be changed in place.
pub struct CheckTable {
    checks: SlotMap<CheckKey, Check>,
    by_id: Ids,
    deadlines: Deadlines<CheckKey>,
    /// The last entry popped from the heap, if its check has not changed since.
    popped: Option<(Instant, CheckKey)>,
}

impl CheckTable {
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            checks: SlotMap::with_capacity_and_key(capacity),
            by_id: Ids::with_capacity(capacity),
            deadlines: Deadlines::with_capacity(capacity),
            popped: None,
        }
    }

    pub fn len(&self) -> usize {
        self.checks.len()
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.checks.is_empty()
    }

    pub fn contains(&self, key: CheckKey) -> bool {
        self.checks.contains_key(key)
    }

    #[cfg(test)]
    pub fn get(&self, key: CheckKey) -> Option<&Check> {
        self.checks.get(key)
    }

    pub fn get_mut(&mut self, key: CheckKey) -> Option<&mut Check> {
        self.checks.get_mut(key)
    }

    pub fn iter(&self) -> impl Iterator<Item = (CheckKey, &Check)> {
        self.checks.iter()
    }

    /// Adds a check, whose clock is stopped.
    pub fn insert(&mut self, check: Check) -> CheckKey {
        let (id, wake) = (check.id, check.wake());
        let key = self.checks.insert(check);
        if let Some(at) = wake {
            self.deadlines.set(at, key);
        }
        self.by_id.add(id, key, &self.checks);
        key
    }

    /// Removes a check. Returns it, and whether its id has other checks.
    pub fn remove(&mut self, key: CheckKey) -> Option<(Check, bool)> {
        let check = self.checks.remove(key)?;
        self.forget_entry(check.wake(), key);
        let has_others = self.by_id.remove(check.id, key, &self.checks);
        Some((check, has_others))
    }

    /// Removes one check of an id.
    pub fn take(&mut self, id: u32) -> Option<Check> {
        let key = self.by_id.find(id, &self.checks)?;
        self.remove(key).map(|(check, _)| check)
    }

    /// A check of an id.
    pub fn find(&mut self, id: u32) -> Option<&mut Check> {
        let key = self.by_id.find(id, &self.checks)?;
        self.checks.get_mut(key)
    }

    /// When the next timer is due. The entry may be stale; a spurious wake-up is harmless and rare.
    pub fn next_timer(&self) -> Option<Instant> {
        self.deadlines.next()
    }

    /// Pops the next due entry. Returns its timer; `Some(None)` for a stale entry.
    pub fn pop_due(&mut self, now: Instant) -> Option<Option<(CheckKey, Due)>> {
        if let Some((at, key)) = self.popped.take()
            && self.checks.get(key).is_some_and(|check| check.wake() == Some(at))
        {
            // The handler did not change the timer.
            self.deadlines.set(at, key);
        }
        let (at, key) = self.deadlines.pop_due(now)?;
        let check = self.checks.get(key).filter(|check| check.wake() == Some(at));
        let Some(check) = check else {
            self.deadlines.uncount_stale();
            return Some(None);
        };
        self.popped = Some((at, key));
        Some(Some((key, check.due(at))))
    }

    /// Removes all stale entries, as the heap does when they are the majority.
    #[cfg(test)]
    pub fn sweep(&mut self) {
        self.deadlines = Deadlines::with_capacity(1);
        for (key, check) in &self.checks {
            check.wake().into_iter().for_each(|at| self.deadlines.set(at, key));
        }
    }

    /// Starts a check's clock, unless the clock runs.
    pub fn start_clock(&mut self, key: CheckKey, now: Instant) {
        self.change(key, |check| check.start_clock(now));
    }

    /// Stops the clock of a queued check that has no probe in flight.
    pub fn pause_clock(&mut self, key: CheckKey, now: Instant) {
        self.change(key, |check| check.pause_clock(now));
    }

    /// Adds a probe that started at `at`, and starts the clock. `first_timer` computes the probe's timer from the
    /// deadline.
    pub fn start_probe(
        &mut self,
        key: CheckKey,
        probe: ProbeKey,
        at: Instant,
        first_timer: impl FnOnce(Instant) -> Option<Instant>,
    ) {
        self.change(key, |check| check.start_probe(probe, at, first_timer));
    }

    /// Records that the first SYN of a probe is blocked.
    pub fn block_probe(&mut self, key: CheckKey, probe: ProbeKey, since: Instant) {
        self.change(key, |check| check.block_probe(probe, since));
    }

    /// Restarts a blocked probe whose SYN was sent at `at`.
    pub fn unblock_probe(
        &mut self,
        key: CheckKey,
        probe: ProbeKey,
        at: Instant,
        first_timer: impl FnOnce(Instant) -> Option<Instant>,
    ) {
        self.change(key, |check| check.unblock_probe(probe, at, first_timer));
    }

    /// Replaces the key and the timer of a probe.
    pub fn replace_probe(&mut self, key: CheckKey, old: ProbeKey, fresh: Attempt) {
        self.change(key, |check| check.replace_probe(old, fresh));
    }

    /// Removes a probe that has ended.
    pub fn end_probe(&mut self, key: CheckKey, probe: ProbeKey) {
        self.change(key, |check| check.end_probe(probe));
    }

    /// Takes the timer of a name's next address. Returns whether an address is left.
    pub fn take_next_address(&mut self, key: CheckKey, now: Instant) -> bool {
        self.change(key, |check| check.take_next_address(now))
    }

    /// Changes a check, and updates its entry in the heap.
    fn change<T>(&mut self, key: CheckKey, act: impl FnOnce(&mut Check) -> T) -> T {
        let check = &mut self.checks[key];
        let before = check.wake();
        let result = act(check);
        let after = check.wake();
        let is_popped = before.is_some_and(|at| self.popped == Some((at, key)));
        if before != after || is_popped {
            self.forget_entry(before, key);
            if let Some(at) = after {
                self.deadlines.set(at, key);
            }
        }
        result
    }

    /// Counts a check's entry as stale, unless it was popped.
    fn forget_entry(&mut self, at: Option<Instant>, key: CheckKey) {
        let Some(at) = at else { return };
        if self.popped.take_if(|popped| *popped == (at, key)).is_none() {
            let checks = &self.checks;
            self.deadlines.forget(|at, key| checks.get(key).is_some_and(|check| check.wake() == Some(at)));
        }
    }
}

impl Index<CheckKey> for CheckTable {
    type Output = Check;

    fn index(&self, key: CheckKey) -> &Check {
        &self.checks[key]
    }
}

impl IndexMut<CheckKey> for CheckTable {
    fn index_mut(&mut self, key: CheckKey) -> &mut Check {
        &mut self.checks[key]
    }
}

#[cfg(test)]
mod tests;
