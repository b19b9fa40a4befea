//! From the handles that JavaScript holds to engines.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::Engine;

/// Handles are counted up and never used again, so a stale one finds nobody.
struct Registry {
    engines: BTreeMap<u32, Arc<Engine>>,
    last: u32,
}

static REGISTRY: Mutex<Registry> = Mutex::new(Registry { engines: BTreeMap::new(), last: 0 });

/// Keeps an engine, and returns its handle: a positive `i32`.
pub fn insert(engine: Engine) -> u32 {
    let mut registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
    registry.last += 1;
    let handle = registry.last;
    registry.engines.insert(handle, Arc::new(engine));
    handle
}

/// The engine with a handle.
pub fn get(handle: u32) -> Option<Arc<Engine>> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner).engines.get(&handle).cloned()
}

/// Takes an engine out.
pub fn remove(handle: u32) -> Option<Arc<Engine>> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner).engines.remove(&handle)
}
