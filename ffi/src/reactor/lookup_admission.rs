//! Admission control of lookups by zone, with dynamic thresholds (Choudhury and Hahne, 1998), so that a slow zone does
//! not delay the others.
//!
//! A zone may have as many lookups in flight as there are free slots. So a single zone gets half of all slots, two zones
//! get a third each, and a zone without a lookup always finds a slot. The same rule limits recent lookups, which have
//! just started and have no answer yet, so that name servers get no burst of queries.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use slotmap::{SlotMap, new_key_type};

use crate::instant::Instant;

/// The maximum number of recent lookups of all zones. A single zone gets half of them.
const MAX_RECENT_LOOKUPS: usize = 32;

/// The time for which an unanswered lookup counts as recent. Silent name servers delay later lookups by at most this
/// time.
const RECENT_DURATION: Duration = Duration::from_millis(250);

new_key_type! {
    /// The key of a lookup in flight.
    pub struct LookupId;
}

/// Admission control over the lookups in flight.
pub struct LookupAdmission {
    capacity: usize,
    lookups: SlotMap<LookupId, Lookup>,
    zones: HashMap<Box<str>, Load>,
    recent: usize,
    /// When each lookup ceases to be recent, in order of time, with lazy deletion.
    recent_until: VecDeque<(Instant, LookupId)>,
}

struct Lookup {
    zone: Box<str>,
    is_recent: bool,
}

#[derive(Clone, Copy, Default)]
struct Load {
    all: usize,
    recent: usize,
}

impl LookupAdmission {
    /// `capacity` is the number of slots: the maximum number of lookups in flight.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, lookups: SlotMap::default(), zones: HashMap::new(), recent: 0, recent_until: VecDeque::new() }
    }

    /// The number of lookups in flight.
    pub fn in_flight(&self) -> usize {
        self.lookups.len()
    }

    /// Whether a zone may start another lookup.
    pub fn admit(&self, zone: &str) -> bool {
        let Load { all, recent } = self.zones.get(zone).copied().unwrap_or_default();
        all + self.lookups.len() < self.capacity && recent + self.recent < MAX_RECENT_LOOKUPS
    }

    /// Records the start of a lookup.
    pub fn start(&mut self, zone: &str, now: Instant) -> LookupId {
        let load = self.zones.entry(zone.into()).or_default();
        load.all += 1;
        load.recent += 1;
        self.recent += 1;
        let lookup = self.lookups.insert(Lookup { zone: zone.into(), is_recent: true });
        self.recent_until.push_back((now + RECENT_DURATION, lookup));
        lookup
    }

    /// Records the end of a lookup.
    pub fn end(&mut self, lookup: LookupId) {
        self.end_recent(lookup);
        let Some(Lookup { zone, .. }) = self.lookups.remove(lookup) else { return };
        if let Some(load) = self.zones.get_mut(&zone) {
            load.all -= 1;
            if load.all == 0 {
                self.zones.remove(&zone);
            }
        }
    }

    /// Marks lookups as no longer recent after their time. Returns when the next one is due.
    pub fn expire_recent(&mut self, now: Instant) -> Option<Instant> {
        while let Some(&(at, lookup)) = self.recent_until.front() {
            if at > now && self.lookups.contains_key(lookup) {
                return Some(at);
            }
            self.recent_until.pop_front();
            self.end_recent(lookup);
        }
        None
    }

    fn end_recent(&mut self, id: LookupId) {
        let Some(lookup) = self.lookups.get_mut(id).filter(|lookup| lookup.is_recent) else { return };
        lookup.is_recent = false;
        self.recent -= 1;
        if let Some(load) = self.zones.get_mut(&lookup.zone) {
            load.recent -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPACITY: usize = 64;

    /// Starts lookups of a zone until none is admitted, and returns their number.
    fn fill(admission: &mut LookupAdmission, zone: &str, now: &mut Instant) -> usize {
        let before = admission.in_flight();
        loop {
            let later = admission.expire_recent(*now);
            while admission.admit(zone) {
                admission.start(zone, *now);
            }
            match later.or_else(|| admission.expire_recent(*now)) {
                Some(later) => *now = later,
                None => return admission.in_flight() - before,
            }
        }
    }

    #[test]
    fn silent_zones_leave_room_for_others() {
        let (mut admission, mut now) = (LookupAdmission::new(CAPACITY), Instant::now());
        assert_eq!(fill(&mut admission, "a", &mut now), CAPACITY / 2);
        assert_eq!(fill(&mut admission, "b", &mut now), CAPACITY / 4);
        for zone in ["c", "d", "e", "f"] {
            assert!(admission.admit(zone), "{zone}");
            assert!(fill(&mut admission, zone, &mut now) > 0, "{zone}");
        }
    }

    #[test]
    fn a_burst_is_bounded_until_its_lookups_are_answered_or_old() {
        let (mut admission, now) = (LookupAdmission::new(CAPACITY), Instant::now());
        let mut started = Vec::new();
        while admission.admit("a") {
            started.push(admission.start("a", now));
        }
        assert_eq!(started.len(), MAX_RECENT_LOOKUPS / 2);
        assert!(admission.admit("b"));
        admission.end(started.remove(0));
        assert!(admission.admit("a"));
        started.push(admission.start("a", now));
        assert_eq!(admission.expire_recent(now), Some(now + RECENT_DURATION));
        assert!(!admission.admit("a"));
        assert_eq!(admission.expire_recent(now + RECENT_DURATION), None);
        assert!(admission.admit("a"));
        started.into_iter().for_each(|lookup| admission.end(lookup));
        assert_eq!((admission.in_flight(), admission.recent, admission.zones.len()), (0, 0, 0));
    }
}
