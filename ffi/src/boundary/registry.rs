//! Handle tables: the outboxes and engines by the handles that JavaScript holds.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::io::Errno;

use crate::config::{Config, ConfigError};
use crate::engine::Engine;
use crate::reactor::outbox::Outbox;

/// The handle tables. Handles ascend and are never reused, so a stale handle is unknown.
struct Registry {
    outboxes: BTreeMap<u32, Arc<Outbox>>,
    engines: BTreeMap<u32, Entry>,
    last: u32,
}

struct Entry {
    engine: Arc<Engine>,
    /// The handle of the engine's outbox.
    outbox: u32,
}

static REGISTRY: Mutex<Registry> =
    Mutex::new(Registry { outboxes: BTreeMap::new(), engines: BTreeMap::new(), last: 0 });

/// Opens an outbox. The end of the current thread closes it, unless it is closed before.
pub fn open_outbox() -> u32 {
    let mut registry = lock();
    let handle = registry.next_handle();
    registry.outboxes.insert(handle, Arc::default());
    drop(registry);
    OPENED.with_borrow_mut(|opened| opened.0.push(handle));
    handle
}

/// The outbox with a handle.
pub fn outbox(handle: u32) -> Option<Arc<Outbox>> {
    lock().outboxes.get(&handle).cloned()
}

/// Closes an outbox, and ends the wait at it. Stops the engines that still use it, without waiting for their threads.
pub fn close_outbox(handle: u32) -> Option<()> {
    let mut registry = lock();
    let outbox = registry.outboxes.remove(&handle)?;
    let orphans: Vec<_> = registry.engines.extract_if(.., |_, entry| entry.outbox == handle).collect();
    drop(registry);
    for (_, Entry { engine, .. }) in orphans {
        engine.abandon();
    }
    outbox.ring();
    Some(())
}

/// Starts an engine. Returns its handle, a positive `i32`, which is also its number.
pub fn start_engine(outbox: u32, config: Config) -> Result<u32, ConfigError> {
    let mut registry = lock();
    let handle = registry.next_handle();
    let results = registry.outboxes.get(&outbox).cloned().ok_or(Errno::BADF)?;
    let engine = Arc::new(Engine::start(handle, results, config)?);
    registry.engines.insert(handle, Entry { engine, outbox });
    Ok(handle)
}

/// The engine with a handle.
pub fn engine(handle: u32) -> Option<Arc<Engine>> {
    lock().engines.get(&handle).map(|entry| Arc::clone(&entry.engine))
}

/// Removes an engine.
pub fn remove_engine(handle: u32) -> Option<Arc<Engine>> {
    lock().engines.remove(&handle).map(|entry| entry.engine)
}

impl Registry {
    fn next_handle(&mut self) -> u32 {
        self.last += 1;
        self.last
    }
}

fn lock() -> MutexGuard<'static, Registry> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    static OPENED: RefCell<Opened> = const { RefCell::new(Opened(Vec::new())) };
}

/// The outboxes that a thread opened. Their drop at the end of the thread closes them and stops their engines, because a
/// terminated worker runs no JavaScript that could.
struct Opened(Vec<u32>);

impl Drop for Opened {
    fn drop(&mut self) {
        for handle in self.0.drain(..) {
            close_outbox(handle);
        }
    }
}

// Miri has no sockets, and not all of epoll.
#[cfg(all(test, not(miri)))]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_ends_ends_its_engines() {
        let (outbox, engine) = std::thread::spawn(|| {
            let outbox = open_outbox();
            (outbox, start_engine(outbox, Config::default()).unwrap())
        })
        .join()
        .unwrap();
        assert!(super::outbox(outbox).is_none());
        assert!(super::engine(engine).is_none());
        assert_eq!(start_engine(outbox, Config::default()), Err(Errno::BADF.into()));
    }
}
