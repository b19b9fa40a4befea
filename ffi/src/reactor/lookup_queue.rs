//! The lookup queue: checks with the same query share one lookup.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use super::ENTRIES_PER_PASS;
use crate::keys::CheckKey;
use crate::reactor::resolver::Query;

/// Queries that wait for a lookup, round-robin by zone, oldest first within a zone.
///
/// A check joins a queued query, but no lookup in progress, so that no answer is older than the check, and no packet lost
/// before its start delays the check.
#[derive(Default)]
pub struct LookupQueue {
    turns: VecDeque<Box<str>>,
    /// The queries of each queued zone, oldest first.
    zones: HashMap<Box<str>, VecDeque<Query>>,
    /// The checks that wait for each query.
    checks: HashMap<Query, Vec<CheckKey>>,
}

impl LookupQueue {
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    pub fn push(&mut self, query: Query, check: CheckKey) {
        match self.checks.entry(query) {
            Entry::Occupied(mut others) => others.get_mut().push(check),
            Entry::Vacant(first) => {
                let query = first.key().clone();
                first.insert(vec![check]);
                self.enqueue(query);
            }
        }
    }

    /// Whether a query of an admitted zone waits.
    pub fn has(&self, admits: impl Fn(&str) -> bool) -> bool {
        self.turns.iter().any(|zone| admits(zone))
    }

    /// Removes the next query whose zone is admitted, with its checks, but no more than one pass can handle. The other
    /// checks go to the end of the queue.
    pub fn pop(&mut self, admits: impl Fn(&str) -> bool) -> Option<(Query, Vec<CheckKey>)> {
        // The search is short, because only zones with lookups in flight are skipped.
        let turn = self.turns.iter().position(|zone| admits(zone))?;
        let zone = self.turns.remove(turn)?;
        let mut queries = self.zones.remove(&zone)?;
        let query = queries.pop_front()?;
        if !queries.is_empty() {
            self.zones.insert(zone.clone(), queries);
            self.turns.push_back(zone);
        }
        let mut first = self.checks.remove(&query)?;
        if first.len() > ENTRIES_PER_PASS {
            let others = first.split_off(ENTRIES_PER_PASS);
            self.checks.insert(query.clone(), others);
            self.enqueue(query.clone());
        }
        Some((query, first))
    }

    fn enqueue(&mut self, query: Query) {
        match self.zones.entry(query.zone().into()) {
            Entry::Occupied(mut zone) => zone.get_mut().push_back(query),
            Entry::Vacant(zone) => {
                self.turns.push_back(zone.key().clone());
                zone.insert([query].into());
            }
        }
    }
}
