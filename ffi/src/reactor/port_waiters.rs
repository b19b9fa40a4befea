//! Checks that wait for a local port to their target, in one FIFO queue per target, so that no target delays another.
//!
//! Only probes of this thread wake a waiter: one is woken when such a probe ends, or when a woken check leaves without a
//! probe because it was cancelled, moved or failed. A spurious wake re-queues the check; a lost wake would strand the
//! queue.

use std::collections::VecDeque;
use std::net::SocketAddr;

use rustc_hash::FxHashMap;

use super::Reactor;
use crate::address::wire_address;
use crate::instant::Instant;
use crate::keys::CheckKey;
use crate::reactor::checks::{Place, Target};

/// The queues by target, none of them empty. The key is the canonical form of an address, because the kernel chooses
/// ports by that.
#[derive(Default)]
pub(super) struct PortWaiters(FxHashMap<SocketAddr, VecDeque<CheckKey>>);

impl PortWaiters {
    /// Whether a check waits for a port to an address.
    pub(super) fn has(&self, address: &SocketAddr) -> bool {
        !self.0.is_empty() && self.0.contains_key(&wire_address(address))
    }

    /// Adds a check at the end, or at the front if it was woken and found no port.
    fn join(&mut self, address: SocketAddr, key: CheckKey, first: bool) {
        let line = self.0.entry(wire_address(&address)).or_default();
        if first { line.push_front(key) } else { line.push_back(key) }
    }

    /// Removes and returns the first waiter that is still wanted.
    fn leave(&mut self, address: &SocketAddr, wants: impl Fn(CheckKey) -> bool) -> Option<CheckKey> {
        let address = wire_address(address);
        let line = self.0.get_mut(&address)?;
        let first = std::iter::from_fn(|| line.pop_front()).find(|key| wants(*key));
        if line.is_empty() {
            self.0.remove(&address);
        }
        first
    }
}

impl Reactor<'_> {
    /// Queues a check for a port to its next address; in front if it was woken before. The check of a name waits only
    /// if its other addresses have no port either.
    pub(super) fn wait_for_port(&mut self, key: CheckKey, address: SocketAddr, first: bool) {
        let check = &mut self.checks[key];
        check.put_back(address);
        check.place = Place::Queued;
        self.port_waiters.join(address, key, first);
    }

    /// Moves a check that found no port to the home thread of its address, whose probes may hold the ports
    /// ([`crate::engine`]). Returns false for the check of a name, and in the home thread.
    pub(super) fn move_home(&mut self, key: CheckKey, address: &SocketAddr) -> bool {
        let Some(home) = self.peers.home_of(address) else { return false };
        if !matches!(self.checks[key].target, Target::Address(_)) {
            return false;
        }
        self.checks.wait(key, Instant::now());
        if let Some((check, _)) = self.checks.remove(key) {
            home.post_checks(1, |mail| mail.moved.push(check));
        }
        self.wake_port_waiter(address);
        true
    }

    /// Wakes the first waiter for an address: puts it in front of the queue for a socket.
    pub(super) fn wake_port_waiter(&mut self, address: &SocketAddr) {
        if !self.port_waiters.has(address) {
            return;
        }
        let checks = &self.checks;
        if let Some(key) = self.port_waiters.leave(address, |key| checks.contains(key)) {
            self.checks[key].place = Place::Woken;
            self.queue_for(address).push_front(key);
        }
    }
}
