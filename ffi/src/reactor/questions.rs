//! The queue for lookups, in which checks that ask the same share one.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use super::PASS;
use crate::keys::CheckKey;
use crate::resolver::Question;

/// Questions that wait for a lookup, in the order in which they were first asked.
///
/// A check joins those that wait, never a lookup under way: no answer is older than the question, and no check suffers
/// from a query that was lost before it began.
#[derive(Default)]
pub struct Questions {
    order: VecDeque<Question>,
    /// Who asks.
    checks: HashMap<Question, Vec<CheckKey>>,
}

impl Questions {
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    pub fn push(&mut self, question: Question, check: CheckKey) {
        match self.checks.entry(question) {
            Entry::Occupied(mut others) => others.get_mut().push(check),
            Entry::Vacant(first) => {
                self.order.push_back(first.key().clone());
                first.insert(vec![check]);
            }
        }
    }

    /// Takes the first question, and those that ask it: no more than can be told of the answer in one pass. The others
    /// go to the back.
    pub fn pop(&mut self) -> Option<(Question, Vec<CheckKey>)> {
        let (question, mut first) = self.checks.remove_entry(&self.order.pop_front()?)?;
        if first.len() > PASS {
            let others = first.split_off(PASS);
            self.order.push_back(question.clone());
            self.checks.insert(question.clone(), others);
        }
        Some((question, first))
    }
}
