//! The table of probes in flight, in which the probe of an answer is looked up.

use std::hash::BuildHasher;
use std::net::SocketAddr;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use slotmap::SlotMap;

use super::retransmission::has_had_time;
use super::syn_cookie::{SynCookie, SynCookies};
use crate::address::wire_address;
use crate::keys::ProbeKey;
use crate::transport::{CompactProbe, Probe};

/// A probe in flight.
pub struct InFlightProbe {
    probe: CompactProbe,
    /// The source port of its SYN.
    pub source_port: u16,
    /// The number of SYN retransmissions.
    pub resent: u16,
    /// Whether the rate limit's token for its next SYN is reserved.
    pub reserved: bool,
    /// Whether an answer may have been lost in a full buffer of this host.
    pub doubtful: bool,
    /// Whether its first SYN is blocked, because this host lacks buffer space.
    pub blocked: bool,
    /// When its last SYN was sent, in ns of the real-time clock, which the kernel's timestamps of answers use; 0 if none
    /// was sent.
    pub sent: u64,
}

impl InFlightProbe {
    pub fn probe(&self) -> Probe {
        self.probe.into()
    }

    /// Whether its answer may have been lost, and no SYN since the last loss has had time for another answer.
    pub fn is_in_doubt(&self, now: u64, lost: u64) -> bool {
        self.doubtful && !(self.sent > lost && has_had_time(self.sent, now))
    }

    /// Its target, in canonical form.
    pub fn target(&self) -> SocketAddr {
        wire_address(&self.probe().address)
    }
}

/// The table of probes in flight by key, and by target and source port, which are unique together.
#[derive(Default)]
pub struct InFlight {
    all: SlotMap<ProbeKey, InFlightProbe>,
    by_ends: HashTable<ProbeKey>,
    hasher: FxBuildHasher,
    cookies: SynCookies,
}

impl InFlight {
    /// The cookie of a probe's SYNs. The probe must be in flight.
    pub fn cookie(&self, key: ProbeKey) -> SynCookie {
        let entry = &self.all[key];
        self.cookies.cookie(key, &entry.target(), entry.source_port)
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn get(&self, key: ProbeKey) -> Option<&InFlightProbe> {
        self.all.get(key)
    }

    pub fn get_mut(&mut self, key: ProbeKey) -> Option<&mut InFlightProbe> {
        self.all.get_mut(key)
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (ProbeKey, &mut InFlightProbe)> {
        self.all.iter_mut()
    }

    /// Records that a SYN was sent at `at`; `lost` is the time of the last loss. Returns whether it was blocked before.
    pub fn record_sent(&mut self, key: ProbeKey, at: u64, lost: u64) -> bool {
        let Some(entry) = self.all.get_mut(key) else { return false };
        let is_first = entry.sent == 0;
        entry.doubtful = !is_first && entry.is_in_doubt(at, lost);
        entry.sent = at;
        entry.resent = entry.resent.saturating_add((!is_first).into());
        std::mem::take(&mut entry.blocked)
    }

    /// Marks the first SYN of a probe as blocked. Returns false if it was already marked.
    pub fn mark_blocked(&mut self, key: ProbeKey) -> bool {
        self.all.get_mut(key).is_some_and(|entry| !std::mem::replace(&mut entry.blocked, true))
    }

    /// Finds the probe from a source port to a target in canonical form. Of a target with a zone, the probe may have
    /// none, because its interface or source address determined the zone.
    pub fn find(&self, target: &SocketAddr, source_port: u16) -> Option<ProbeKey> {
        let find = |target: &SocketAddr| {
            let has_ends = |key: &ProbeKey| {
                let entry = &self.all[*key];
                entry.source_port == source_port && entry.target() == *target
            };
            self.by_ends.find(self.hash(target, source_port), has_ends).copied()
        };
        find(target).or_else(|| match target {
            SocketAddr::V6(v6) if v6.scope_id() != 0 => find(&SocketAddr::new((*v6.ip()).into(), v6.port())),
            _ => None,
        })
    }

    /// Adds a probe. Its target and source port must be unique together.
    pub fn insert(&mut self, probe: Probe, source_port: u16) -> ProbeKey {
        let hash = self.hash(&wire_address(&probe.address), source_port);
        let key = self.all.insert(InFlightProbe {
            probe: probe.into(),
            source_port,
            resent: 0,
            reserved: false,
            doubtful: false,
            blocked: false,
            sent: 0,
        });
        let Self { all, by_ends, hasher, .. } = self;
        by_ends.insert_unique(hash, key, |key| {
            let entry = &all[*key];
            hasher.hash_one((entry.target(), entry.source_port))
        });
        key
    }

    pub fn remove(&mut self, key: ProbeKey) {
        let Some(entry) = self.all.remove(key) else { return };
        let hash = self.hash(&entry.target(), entry.source_port);
        if let Ok(entry) = self.by_ends.find_entry(hash, |other| *other == key) {
            entry.remove();
        }
    }

    fn hash(&self, target: &SocketAddr, source_port: u16) -> u64 {
        self.hasher.hash_one((target, &source_port))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::keys::CheckKey;

    fn probe(address: &str) -> Probe {
        Probe { check: CheckKey::default(), address: address.parse().unwrap() }
    }

    #[test]
    fn a_probe_is_found_by_any_form_of_its_address() {
        let forms = [
            ("0.0.0.0:1", "127.0.0.1:1"),
            ("[::]:1", "[::1]:1"),
            ("[::ffff:192.0.2.1]:1", "192.0.2.1:1"),
            ("[::ffff:0.0.0.0]:1", "127.0.0.1:1"),
            ("[fe80::1%3]:1", "[fe80::1%3]:1"),
            ("[2001:db8::1%3]:1", "[2001:db8::1]:1"),
        ];
        for (given, wire) in forms {
            let mut in_flight = InFlight::default();
            let key = in_flight.insert(probe(given), 7);
            assert_eq!(in_flight.find(&wire.parse().unwrap(), 7), Some(key), "{given}");
            assert_eq!(in_flight.find(&wire.parse().unwrap(), 8), None);
            assert_eq!(in_flight.get(key).unwrap().probe().address, given.parse().unwrap());
            in_flight.remove(key);
            assert_eq!((in_flight.find(&wire.parse().unwrap(), 7), in_flight.len()), (None, 0));
        }
    }

    #[test]
    fn a_probe_with_a_zone_is_found_by_that_zone_and_one_without_by_any() {
        let mut in_flight = InFlight::default();
        let find = |in_flight: &InFlight, from: &str| in_flight.find(&from.parse().unwrap(), 7);
        let zoned = in_flight.insert(probe("[fe80::1%3]:1"), 7);
        assert_eq!(find(&in_flight, "[fe80::1%4]:1"), None);
        let zoneless = in_flight.insert(probe("[fe80::1]:1"), 7);
        assert_eq!(find(&in_flight, "[fe80::1%3]:1"), Some(zoned));
        assert_eq!(find(&in_flight, "[fe80::1%4]:1"), Some(zoneless));
    }

    #[test]
    fn a_million_probes_fit_into_48_megabytes() {
        assert_eq!(size_of::<InFlightProbe>(), 48);
    }

    proptest! {
        #[test]
        fn probes_are_found_as_in_an_ordered_map(steps in vec((0..4u8, 0..4u16, 0..4u16), 0..200)) {
            let mut in_flight = InFlight::default();
            let mut model = BTreeMap::new();
            for (host, port, source_port) in steps {
                let address = SocketAddr::from(([192, 0, 2, host], port));
                prop_assert_eq!(in_flight.find(&address, source_port), model.get(&(address, source_port)).copied());
                match model.remove(&(address, source_port)) {
                    Some(key) => in_flight.remove(key),
                    None => {
                        let key = in_flight.insert(Probe { check: CheckKey::default(), address }, source_port);
                        model.insert((address, source_port), key);
                    }
                }
                prop_assert_eq!(in_flight.len(), model.len());
            }
        }
    }
}
