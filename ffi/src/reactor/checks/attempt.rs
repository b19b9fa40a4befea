//! An attempt: the probe of one address of a check.

use crate::instant::Instant;
use crate::keys::ProbeKey;

/// A probe with its timer.
#[derive(Clone, Copy)]
pub struct Attempt {
    pub key: ProbeKey,
    /// Above 0: the timer. Below 0: the negated time since which the first SYN has been blocked. (An enum would make the
    /// struct half as large again.)
    state: i64,
}

impl Attempt {
    /// A probe whose SYN was sent. At its timer the SYN is retransmitted, or the probe given up.
    pub fn new(key: ProbeKey, timer: Option<Instant>) -> Self {
        Self { key, state: timer.map_or(0, |at| at.as_nanos() as i64) }
    }

    /// Records that the first SYN is blocked. The probe has no timer until the SYN is sent.
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
