//! Where checks wait for a local port that leads to their target: a line a target, so that none holds up another's.
//!
//! Only our own probes of a target end such a wait, so the first in line is let go when one of them ends, or when one
//! that was let go before leaves without a probe: it was cancelled, or failed. One more than there are ports for is no
//! harm: it waits again. One less would leave a line standing for ever.

use std::collections::VecDeque;
use std::net::SocketAddr;

use rustc_hash::FxHashMap;

use super::Reactor;
use crate::address::wire_address;
use crate::check::Place;
use crate::keys::CheckKey;

/// The lines there are; none is empty. They go by addresses as packets have them, which is what ports are looked for.
#[derive(Default)]
pub(super) struct PortWaiters(FxHashMap<SocketAddr, VecDeque<CheckKey>>);

impl PortWaiters {
    /// Whether somebody waits for a port that leads there.
    pub(super) fn has(&self, address: &SocketAddr) -> bool {
        !self.0.is_empty() && self.0.contains_key(&wire_address(address))
    }

    /// The end of the line for newcomers, its head for one that was let go and found no port.
    fn join(&mut self, address: SocketAddr, key: CheckKey, first: bool) {
        let line = self.0.entry(wire_address(&address)).or_default();
        if first { line.push_front(key) } else { line.push_back(key) }
    }

    /// Takes the first out that still wants to go.
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
    /// Has a check wait for a port that leads to its next address, as the first if it was let go before. A name waits so
    /// when its other addresses have no port either.
    pub(super) fn wait_for_port(&mut self, key: CheckKey, address: SocketAddr, first: bool) {
        let check = &mut self.checks[key];
        check.put_back(address);
        check.place = Place::Queued;
        self.port_waiters.join(address, key, first);
    }

    /// Lets the first in line for an address go, before all that wait for a socket.
    pub(super) fn wake_port_waiter(&mut self, address: &SocketAddr) {
        if !self.port_waiters.has(address) {
            return;
        }
        let checks = &self.checks;
        if let Some(key) = self.port_waiters.leave(address, |key| checks.contains_key(key)) {
            self.checks[key].place = Place::Woken;
            self.queue_for(address).push_front(key);
        }
    }
}
