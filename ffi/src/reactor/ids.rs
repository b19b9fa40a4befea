//! From the ids of callers to their checks: nearly always one, but a check of all the addresses of a name becomes a check
//! an address.

use rustc_hash::FxHashMap;

use crate::keys::CheckKey;

#[derive(Default)]
pub(super) struct Ids {
    first: FxHashMap<u32, CheckKey>,
    /// Kept apart, so that those which have none need no room for them.
    others: FxHashMap<u32, Vec<CheckKey>>,
}

impl Ids {
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_empty() && self.others.is_empty()
    }

    pub(super) fn add(&mut self, id: u32, key: CheckKey) {
        if *self.first.entry(id).or_insert(key) != key {
            self.others.entry(id).or_default().push(key);
        }
    }

    /// Takes a check out. Returns whether its id has others.
    pub(super) fn remove(&mut self, id: u32, key: CheckKey) -> bool {
        let Some(others) = self.others.get_mut(&id) else {
            self.first.remove(&id);
            return false;
        };
        match others.iter().position(|other| *other == key) {
            Some(place) => drop(others.swap_remove(place)),
            // It is the first, and one of the others takes its place.
            None => drop(others.pop().and_then(|other| self.first.insert(id, other))),
        }
        if others.is_empty() {
            self.others.remove(&id);
        }
        true
    }

    /// Takes all checks of an id out.
    pub(super) fn take(&mut self, id: u32) -> impl Iterator<Item = CheckKey> + use<> {
        self.first.remove(&id).into_iter().chain(self.others.remove(&id).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::*;
    use slotmap::SlotMap;

    use super::*;

    proptest! {
        #[test]
        fn ids_lead_to_their_checks(steps in vec((0..4u32, 0..3u8, 0..8usize), 0..60)) {
            let mut keys = SlotMap::<CheckKey, ()>::with_key();
            let mut ids = Ids::default();
            let mut model: BTreeMap<u32, Vec<CheckKey>> = BTreeMap::new();
            for (id, act, place) in steps {
                let known = model.entry(id).or_default();
                match act {
                    0 => {
                        let key = keys.insert(());
                        ids.add(id, key);
                        known.push(key);
                    }
                    1 if !known.is_empty() => {
                        let key = known.remove(place % known.len());
                        prop_assert_eq!(ids.remove(id, key), !known.is_empty());
                    }
                    1 => {}
                    _ => {
                        let mut taken: Vec<_> = ids.take(id).collect();
                        taken.sort();
                        known.sort();
                        prop_assert_eq!(taken.as_slice(), known.as_slice());
                        known.clear();
                    }
                }
            }
            for (id, known) in model {
                prop_assert_eq!(ids.take(id).count(), known.len());
            }
            prop_assert!(ids.is_empty());
        }
    }
}
