//! The index of checks by the caller's id. An id nearly always has one check, but a check of all addresses of a name
//! has one check per address.

use std::hash::BuildHasher;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use slotmap::SlotMap;

use crate::keys::CheckKey;
use crate::reactor::checks::Check;

/// A hash table of keys that reads the ids from the checks, because a map would store each id a second time.
pub struct Ids {
    keys: HashTable<CheckKey>,
    hasher: FxBuildHasher,
}

type Checks = SlotMap<CheckKey, Check>;

impl Ids {
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub fn with_capacity(capacity: usize) -> Self {
        Self { keys: HashTable::with_capacity(capacity), hasher: FxBuildHasher }
    }

    /// Adds a check, which must be in `checks`.
    pub fn add(&mut self, id: u32, key: CheckKey, checks: &Checks) {
        let Self { keys, hasher } = self;
        keys.insert_unique(hasher.hash_one(id), key, |key| hasher.hash_one(checks[*key].id));
    }

    /// Removes a check that was already removed from `checks`. Returns whether its id has other checks.
    pub fn remove(&mut self, id: u32, key: CheckKey, checks: &Checks) -> bool {
        let hash = self.hasher.hash_one(id);
        if let Ok(entry) = self.keys.find_entry(hash, |other| *other == key) {
            entry.remove();
        }
        self.keys.find(hash, |other| checks[*other].id == id).is_some()
    }

    /// Finds a check by its id.
    pub fn find(&self, id: u32, checks: &Checks) -> Option<CheckKey> {
        self.keys.find(self.hasher.hash_one(id), |key| checks[*key].id == id).copied()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::instant::Instant;

    proptest! {
        #[test]
        fn ids_lead_to_their_checks(steps in vec((0..4u32, 0..3u8, 0..8usize), 0..60)) {
            let mut checks = Checks::with_key();
            let mut ids = Ids::with_capacity(0);
            let mut model: BTreeMap<u32, Vec<CheckKey>> = BTreeMap::new();
            for (id, act, place) in steps {
                let known = model.entry(id).or_default();
                match act {
                    0 => {
                        let key = checks.insert(Check::of_address(id, Duration::ZERO, ([127, 0, 0, 1], 1).into(), Instant::now()));
                        ids.add(id, key, &checks);
                        known.push(key);
                    }
                    1 if !known.is_empty() => {
                        let key = known.remove(place % known.len());
                        checks.remove(key);
                        prop_assert_eq!(ids.remove(id, key, &checks), !known.is_empty());
                    }
                    1 => {}
                    _ => {
                        while let Some(key) = ids.find(id, &checks) {
                            let place = known.iter().position(|other| *other == key);
                            known.swap_remove(place.unwrap());
                            checks.remove(key);
                            prop_assert_eq!(ids.remove(id, key, &checks), !known.is_empty());
                        }
                        prop_assert!(known.is_empty());
                    }
                }
            }
            for (id, known) in model {
                for key in &known {
                    checks.remove(*key);
                    ids.remove(id, *key, &checks);
                }
                prop_assert_eq!(ids.find(id, &checks), None);
            }
            prop_assert!(ids.is_empty());
        }
    }
}
