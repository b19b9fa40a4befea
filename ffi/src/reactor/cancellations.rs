//! Cancellations, in passes of bounded duration.

use super::Reactor;
use super::probes::PASS_DURATION;
use super::queues::KEPT_QUEUE_ENTRIES;
use crate::instant::Instant;

impl Reactor<'_> {
    /// Cancels all checks of an id.
    pub(super) fn cancel(&mut self, id: u32) {
        while let Some(check) = self.checks.take(id) {
            self.abandon(check);
        }
    }

    /// Cancels queued checks for at most [`PASS_DURATION`], because closing sockets is slow and SYN-ACKs must be answered
    /// in time. Returns whether none is left.
    pub(super) fn cancel_queued(&mut self) -> bool {
        if self.cancelled.is_empty() {
            return true;
        }
        let start = Instant::now();
        while let Some(id) = self.cancelled.pop_front() {
            self.cancel(id);
            if start.elapsed() >= PASS_DURATION {
                break;
            }
        }
        self.cancelled.shrink_to(KEPT_QUEUE_ENTRIES);
        self.cancelled.is_empty()
    }
}
