//! Checks that wait for a local port to their target, in one FIFO queue per target, so that no target delays another.
//!
//! One waiter is woken when a probe of this thread ends, or when a woken check leaves without a probe, because it was
//! cancelled, moved or failed. A spurious wake re-queues the check; a lost wake would strand the queue.

use std::collections::VecDeque;
use std::net::SocketAddr;

use rustc_hash::FxHashMap;

use crate::address::wire_address;
use crate::keys::CheckKey;

/// The queues by target, none of them empty. The key is the canonical form of the address, by which the kernel chooses
/// ports.
#[derive(Default)]
pub struct PortWaiters(FxHashMap<SocketAddr, VecDeque<CheckKey>>);

impl PortWaiters {
    /// Whether a check waits for a port to an address.
    pub fn has(&self, address: &SocketAddr) -> bool {
        !self.0.is_empty() && self.0.contains_key(&wire_address(address))
    }

    /// Adds a check at the end, or at the front if it was woken and found no port.
    pub fn push(&mut self, address: &SocketAddr, key: CheckKey, first: bool) {
        let queue = self.0.entry(wire_address(address)).or_default();
        if first { queue.push_front(key) } else { queue.push_back(key) }
    }

    /// Removes and returns the first waiter for which `is_wanted` is true. Removes the ones before it.
    pub fn pop(&mut self, address: &SocketAddr, is_wanted: impl Fn(CheckKey) -> bool) -> Option<CheckKey> {
        let address = wire_address(address);
        let queue = self.0.get_mut(&address)?;
        let first = std::iter::from_fn(|| queue.pop_front()).find(|key| is_wanted(*key));
        if queue.is_empty() {
            self.0.remove(&address);
        }
        first
    }
}
