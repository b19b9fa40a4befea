//! The results of an engine thread that are not in the outbox yet.

use super::outbox::Outbox;
use crate::record::ResultRecord;

/// A buffer of results, for times at which another thread holds the outbox's lock.
pub struct Results<'a> {
    engine: u32,
    outbox: &'a Outbox,
    pub(super) records: Vec<ResultRecord>,
}

impl<'a> Results<'a> {
    /// `engine` is the number of the engine, which each result gets.
    pub fn new(engine: u32, outbox: &'a Outbox) -> Self {
        Self { engine, outbox, records: Vec::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    pub fn push(&mut self, record: ResultRecord) {
        self.records.push(ResultRecord { engine: self.engine, ..record });
    }

    /// Moves all results into the outbox, unless another thread holds its lock.
    pub fn try_publish(&mut self) {
        self.outbox.try_publish(&mut self.records);
    }
}
