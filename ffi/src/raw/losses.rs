//! Losses of answers in this host: the last one, and the probes that need another SYN because of it.

use std::collections::VecDeque;

use rustix::io::Errno;

use super::in_flight::InFlight;
use super::retransmission::has_had_time;
use super::wall_clock;
use crate::keys::ProbeKey;

/// The loss tracker.
pub struct Losses {
    /// The time of the last loss, by the system's clock: a probe whose SYN was sent before it may have been answered.
    pub last: u64,
    /// The reason of that loss.
    pub errno: Errno,
    /// Probes to retransmit because an answer may have been lost, or whose first SYN was blocked.
    pub doubtful: VecDeque<ProbeKey>,
}

impl Default for Losses {
    fn default() -> Self {
        Self { last: 0, errno: Errno::NOBUFS, doubtful: VecDeque::new() }
    }
}

impl Losses {
    /// Records a loss: answers were dropped, or can't be read. Probes that may have been answered are queued for
    /// another SYN, except those that have just had one for an earlier loss: their next timer comes soon enough, and
    /// losses may go on.
    pub fn record(&mut self, errno: Errno, in_flight: &mut InFlight) {
        let before = std::mem::replace(&mut self.last, wall_clock());
        self.errno = errno;
        self.doubtful.clear();
        for (key, entry) in in_flight.iter_mut() {
            let just_was = entry.doubtful && entry.sent > before && !has_had_time(entry.sent, self.last);
            entry.doubtful = true;
            if !just_was {
                self.doubtful.push_back(key);
            }
        }
    }
}
