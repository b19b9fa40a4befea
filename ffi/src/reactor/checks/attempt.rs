//! An attempt: the probe of one address of a check.

use crate::instant::Instant;
use crate::keys::ProbeKey;

/// A probe with its timer.
#[derive(Clone, Copy)]
pub struct Attempt {
    pub key: ProbeKey,
    /// The timer, if it is above 0; the time since which the first SYN has been blocked, negated, if it is below. (As an
    /// enum it would take half as much again.)
    state: i64,
}

impl Attempt {
    /// A probe whose SYN was sent. Its timer is the time to retransmit the SYN, or to give up.
    pub fn new(key: ProbeKey, timer: Option<Instant>) -> Self {
        Self { key, state: timer.map_or(0, |at| at.as_nanos() as i64) }
    }

    /// Records that the first SYN is blocked. It has no timer until it is sent.
    pub fn block(&mut self, since: Instant) {
        self.state = -(since.as_nanos() as i64);
    }

    pub fn timer(&self) -> Option<Instant> {
        (self.state > 0).then(|| Instant::from_nanos(self.state as u64))
    }

    /// The time since which the first SYN has been blocked, if it is.
    pub fn blocked_since(&self) -> Option<Instant> {
        (self.state < 0).then(|| Instant::from_nanos(self.state.unsigned_abs()))
    }
}
