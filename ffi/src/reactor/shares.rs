//! Admission control of lookups by zone, with dynamic thresholds (Choudhury and Hahne, 1998), so that a slow zone does
//! not hold up the others.
//!
//! A zone may have as many lookups in flight as there are free slots: a zone alone gets half of all slots, a zone
//! beside a silent one a third, and a zone without a lookup always finds one. The same rule limits young lookups, so
//! that name servers get no burst of queries.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use slotmap::{SlotMap, new_key_type};

use crate::instant::Instant;

/// The limit of young lookups, of all zones. A zone alone gets half of them.
const MAX_YOUNG_LOOKUPS: usize = 32;

/// How long a lookup counts as young, unless it is answered. Slow or silent name servers delay later lookups no longer
/// than this.
const YOUTH_DURATION: Duration = Duration::from_millis(250);

new_key_type! {
    /// The key of a lookup in flight.
    pub struct LookupId;
}

/// The lookups in flight, by zone.
pub struct Shares {
    most: usize,
    lookups: SlotMap<LookupId, Under>,
    zones: HashMap<Box<str>, Load>,
    young: usize,
    /// When each lookup ceases to be young, in order of time. An entry's lookup may have ended since.
    ages: VecDeque<(Instant, LookupId)>,
}

struct Under {
    zone: Box<str>,
    is_young: bool,
}

#[derive(Clone, Copy, Default)]
struct Load {
    all: usize,
    young: usize,
}

impl Shares {
    /// `most` is the number of slots: the most lookups at once.
    pub fn new(most: usize) -> Self {
        Self { most, lookups: SlotMap::default(), zones: HashMap::new(), young: 0, ages: VecDeque::new() }
    }

    /// The number of lookups in flight.
    pub fn under_way(&self) -> usize {
        self.lookups.len()
    }

    /// Whether a zone may start another lookup.
    pub fn admit(&self, zone: &str) -> bool {
        let Load { all, young } = self.zones.get(zone).copied().unwrap_or_default();
        all + self.lookups.len() < self.most && young + self.young < MAX_YOUNG_LOOKUPS
    }

    /// Records the start of a lookup.
    pub fn begin(&mut self, zone: &str, now: Instant) -> LookupId {
        let load = self.zones.entry(zone.into()).or_default();
        load.all += 1;
        load.young += 1;
        self.young += 1;
        let lookup = self.lookups.insert(Under { zone: zone.into(), is_young: true });
        self.ages.push_back((now + YOUTH_DURATION, lookup));
        lookup
    }

    /// Records the end of a lookup.
    pub fn end(&mut self, lookup: LookupId) {
        self.grow_up(lookup);
        let Some(Under { zone, .. }) = self.lookups.remove(lookup) else { return };
        if let Some(load) = self.zones.get_mut(&zone) {
            load.all -= 1;
            if load.all == 0 {
                self.zones.remove(&zone);
            }
        }
    }

    /// Expires young lookups that are old enough. Returns when the next one expires.
    pub fn age(&mut self, now: Instant) -> Option<Instant> {
        while let Some(&(at, lookup)) = self.ages.front() {
            if at > now && self.lookups.contains_key(lookup) {
                return Some(at);
            }
            self.ages.pop_front();
            self.grow_up(lookup);
        }
        None
    }

    fn grow_up(&mut self, lookup: LookupId) {
        let Some(under) = self.lookups.get_mut(lookup).filter(|under| under.is_young) else { return };
        under.is_young = false;
        self.young -= 1;
        if let Some(load) = self.zones.get_mut(&under.zone) {
            load.young -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 64;

    /// Begins lookups of a zone until none is admitted any more, and returns how many began.
    fn fill(shares: &mut Shares, zone: &str, now: &mut Instant) -> usize {
        let before = shares.under_way();
        loop {
            let later = shares.age(*now);
            while shares.admit(zone) {
                shares.begin(zone, *now);
            }
            match later.or_else(|| shares.age(*now)) {
                Some(later) => *now = later,
                None => return shares.under_way() - before,
            }
        }
    }

    #[test]
    fn silent_zones_leave_room_for_others() {
        let (mut shares, mut now) = (Shares::new(MOST), Instant::now());
        assert_eq!(fill(&mut shares, "a", &mut now), MOST / 2);
        assert_eq!(fill(&mut shares, "b", &mut now), MOST / 4);
        for zone in ["c", "d", "e", "f"] {
            assert!(shares.admit(zone), "{zone}");
            assert!(fill(&mut shares, zone, &mut now) > 0, "{zone}");
        }
    }

    #[test]
    fn a_burst_is_bounded_until_its_lookups_are_answered_or_old() {
        let (mut shares, now) = (Shares::new(MOST), Instant::now());
        let mut begun = Vec::new();
        while shares.admit("a") {
            begun.push(shares.begin("a", now));
        }
        assert_eq!(begun.len(), MAX_YOUNG_LOOKUPS / 2);
        assert!(shares.admit("b"));
        shares.end(begun.remove(0));
        assert!(shares.admit("a"));
        begun.push(shares.begin("a", now));
        assert_eq!(shares.age(now), Some(now + YOUTH_DURATION));
        assert!(!shares.admit("a"));
        assert_eq!(shares.age(now + YOUTH_DURATION), None);
        assert!(shares.admit("a"));
        begun.into_iter().for_each(|lookup| shares.end(lookup));
        assert_eq!((shares.under_way(), shares.young, shares.zones.len()), (0, 0, 0));
    }
}
