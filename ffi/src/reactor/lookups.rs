//! The lookups of an engine thread, queued and in flight.

use super::lookup_admission::LookupId;
use super::lookup_queue::LookupQueue;
use super::resolver::{Query, Resolved, Resolver};
use crate::instant::Instant;
use crate::keys::CheckKey;
use crate::reactor::checks::{CheckTable, Target};

/// The lookup queue and the resolver.
pub struct Lookups {
    pub(super) queue: LookupQueue,
    resolver: Resolver,
}

/// The outcome of an attempt to start the next lookup.
pub enum LookupStart {
    /// A lookup has started, or all its checks were cancelled.
    Started,
    /// No thread can be started: an error of this host with this `errno`, not of the name.
    Failed(Vec<CheckKey>, i32),
    /// No lookup can start before this time, unless another one ends. `None` if the end of a lookup is necessary, or no
    /// lookup is queued.
    Later(Option<Instant>),
}

impl Lookups {
    /// `answer` is called on other threads, once per lookup.
    pub fn new(answer: impl Fn(Resolved) + Send + Sync + 'static) -> Self {
        Self { queue: LookupQueue::default(), resolver: Resolver::new(answer) }
    }

    /// Queues a lookup for a check.
    pub fn push(&mut self, query: Query, check: CheckKey) {
        self.queue.push(query, check);
    }

    /// Starts the next admitted lookup, and the clocks of its checks.
    pub fn start_next(&mut self, checks: &mut CheckTable) -> LookupStart {
        if self.queue.is_empty() {
            return LookupStart::Later(None);
        }
        let now = Instant::now();
        let next_expiry = self.resolver.expire_recent(now);
        let admits = |zone: &str| self.resolver.admits(zone);
        if !self.queue.has(admits) {
            return LookupStart::Later(next_expiry);
        }
        let room = self.resolver.make_room();
        if matches!(room, Ok(false)) {
            return LookupStart::Later(None);
        }
        let admits = |zone: &str| self.resolver.admits(zone);
        let Some((query, mut keys)) = self.queue.pop(admits) else { return LookupStart::Later(None) };
        // Checks may have been cancelled while they waited.
        keys.retain(|&key| checks.contains(key));
        if let Err(error) = room {
            return LookupStart::Failed(keys, error.raw_os_error().unwrap_or(libc::EAGAIN));
        }
        for &key in &keys {
            if let Target::Name(name) = &mut checks[key].target {
                name.is_looked_up = true;
            }
            checks.start_clock(key, now);
        }
        if !keys.is_empty() {
            self.resolver.look_up(query, keys, now);
        }
        LookupStart::Started
    }

    /// Records the end of a lookup.
    pub fn end(&mut self, lookup: LookupId) {
        self.resolver.arrived(lookup);
    }

    /// The number of lookups that have not ended, including abandoned ones.
    #[cfg(test)]
    pub fn in_flight(&self) -> usize {
        self.resolver.in_flight()
    }
}
