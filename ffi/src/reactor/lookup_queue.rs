//! The lookup queue: checks with the same question share one lookup.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use super::ENTRIES_PER_PASS;
use crate::keys::CheckKey;
use crate::reactor::resolver::Question;

/// Questions that wait for a lookup, round-robin by zone, oldest first within a zone.
///
/// A check joins a question that waits, never a lookup in progress: so no answer is older than the check, and no check
/// suffers from a query that was lost before the check began.
#[derive(Default)]
pub struct LookupQueue {
    turns: VecDeque<Box<str>>,
    /// The questions of each zone that has a turn, in the order in which they were first asked.
    zones: HashMap<Box<str>, VecDeque<Question>>,
    /// The checks that wait for each question.
    checks: HashMap<Question, Vec<CheckKey>>,
}

impl LookupQueue {
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    pub fn push(&mut self, question: Question, check: CheckKey) {
        match self.checks.entry(question) {
            Entry::Occupied(mut others) => others.get_mut().push(check),
            Entry::Vacant(first) => {
                let question = first.key().clone();
                first.insert(vec![check]);
                self.wait(question);
            }
        }
    }

    /// Whether a question of an admitted zone waits.
    pub fn has(&self, admits: impl Fn(&str) -> bool) -> bool {
        self.turns.iter().any(|zone| admits(zone))
    }

    /// Removes the next question whose zone is admitted, with its checks, but no more than one pass can handle. The
    /// rest of the checks go to the back of the queue.
    pub fn pop(&mut self, admits: impl Fn(&str) -> bool) -> Option<(Question, Vec<CheckKey>)> {
        // The search is short: only zones with lookups in flight are passed over.
        let turn = self.turns.iter().position(|zone| admits(zone))?;
        let zone = self.turns.remove(turn)?;
        let mut questions = self.zones.remove(&zone)?;
        let question = questions.pop_front()?;
        if !questions.is_empty() {
            self.zones.insert(zone.clone(), questions);
            self.turns.push_back(zone);
        }
        let mut first = self.checks.remove(&question)?;
        if first.len() > ENTRIES_PER_PASS {
            let others = first.split_off(ENTRIES_PER_PASS);
            self.checks.insert(question.clone(), others);
            self.wait(question.clone());
        }
        Some((question, first))
    }

    fn wait(&mut self, question: Question) {
        match self.zones.entry(question.zone().into()) {
            Entry::Occupied(mut zone) => zone.get_mut().push_back(question),
            Entry::Vacant(zone) => {
                self.turns.push_back(zone.key().clone());
                zone.insert([question].into());
            }
        }
    }
}
