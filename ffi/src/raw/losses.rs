//! Losses of answers in this host, and the probes that need another SYN.

use std::collections::VecDeque;

use rustix::io::Errno;

use super::in_flight::InFlight;
use super::retransmission::has_had_time;
use super::wall_clock;
use crate::keys::ProbeKey;

/// The loss tracker.
pub struct Losses {
    /// The time of the last loss, by the real-time clock. A probe whose last SYN is older may have been answered.
    pub last: u64,
    /// The reason of that loss.
    pub errno: Errno,
    /// The probes that need a SYN, because an answer may have been lost, or because their first SYN was blocked.
    pub doubtful: VecDeque<ProbeKey>,
}

impl Default for Losses {
    fn default() -> Self {
        Self { last: 0, errno: Errno::NOBUFS, doubtful: VecDeque::new() }
    }
}

impl Losses {
    /// Records a loss: answers were dropped, or can't be read. Queues the probes that may have been answered for another
    /// SYN, except probes that got one for an earlier loss within the last second. They wait for their next timer,
    /// because losses may continue.
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
