//! A check: the request, its clock, and the untried addresses.

use std::net::SocketAddr;
use std::time::Duration;

use smallvec::SmallVec;

use super::attempt::Attempt;
use super::clock::Clock;
use super::target::{Name, Target};
use crate::instant::Instant;
use crate::record::Request;

/// A pending check.
pub struct Check {
    pub id: u32,
    pub handshake: HandshakeKind,
    pub(super) clock: Clock,
    /// When the check was accepted. The time since then in which its clock was stopped is its time in the engine's
    /// queues.
    pub accepted: Instant,
    pub target: Target,
    /// The probes in flight, oldest first.
    pub(super) probes: SmallVec<[Attempt; 1]>,
    pub place: Place,
    /// The number of SYNs sent before the current probes, which the result counts as retransmissions.
    pub resent: u16,
}

/// The kind of handshake that a check makes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HandshakeKind {
    /// SYN, SYN-ACK, RST.
    HalfOpen,
    /// SYN, SYN-ACK, RST, but an ACK may have been sent before the RST.
    Acknowledged,
    /// SYN, SYN-ACK, ACK: a complete handshake.
    Full,
}

/// The place of a check in the queues.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Place {
    /// In no queue: the check has no address to try, or its probe is being started.
    #[default]
    Nowhere,
    /// In the paced or the unpaced queue, or waiting for a port.
    Queued,
    /// In the paced or the unpaced queue, woken as the first waiter for a port, which is reserved for it.
    Woken,
}

impl Check {
    pub fn new(request: &Request<'_>, target: Target, accepted: Instant) -> Self {
        let handshake = if request.zero_linger { HandshakeKind::HalfOpen } else { HandshakeKind::Full };
        let clock = Clock::new(request.timeout).with_queue_timeout(request.queue_timeout);
        Self::begin(request.id, handshake, clock, target, accepted)
    }

    /// A half-open check of one address.
    pub fn of_address(id: u32, timeout: Duration, address: SocketAddr, accepted: Instant) -> Self {
        Self::begin(id, HandshakeKind::HalfOpen, Clock::new(timeout), Target::Address(address.into()), accepted)
    }

    fn begin(id: u32, handshake: HandshakeKind, clock: Clock, target: Target, accepted: Instant) -> Self {
        Self { id, handshake, clock, accepted, target, probes: SmallVec::new(), place: Place::default(), resent: 0 }
    }

    /// Starts the check's clock at `at`.
    pub fn started(mut self, at: Instant) -> Self {
        self.clock.start(at);
        self
    }

    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// The probes in flight, oldest first.
    pub fn probes(&self) -> &[Attempt] {
        &self.probes
    }

    /// Records whether an ACK of one of its probes may have been sent. The result shows it with any status, because the
    /// application may have seen the connection.
    pub fn record_ack(&mut self, acknowledged: bool) {
        if acknowledged && self.handshake == HandshakeKind::HalfOpen {
            self.handshake = HandshakeKind::Acknowledged;
        }
    }

    /// Takes the next address to try.
    pub fn take_address(&mut self) -> Option<SocketAddr> {
        match &mut self.target {
            Target::Address(address) => Some((*address).into()),
            Target::Name(name) => name.addresses.pop_front(),
        }
    }

    /// Puts an address that could not be tried back at the front.
    pub fn put_back(&mut self, address: SocketAddr) {
        if let Target::Name(name) = &mut self.target {
            name.addresses.push_front(address);
        }
    }

    /// Puts an address back at the end.
    pub fn try_again(&mut self, address: SocketAddr) {
        if let Target::Name(name) = &mut self.target {
            name.addresses.push_back(address);
        }
    }

    /// Moves the first `count` addresses to the end.
    pub fn rotate_addresses(&mut self, count: usize) {
        if let Target::Name(name) = &mut self.target {
            name.addresses.rotate_left(count);
        }
    }

    /// A check of another address of the same name, with the same id and a copy of the clock.
    pub fn sibling(&self, address: SocketAddr) -> Self {
        let dns_time = match &self.target {
            Target::Address(_) => Duration::ZERO,
            Target::Name(name) => name.dns_time,
        };
        let name = Name { dns_time, addresses: [address].into(), ..Name::default() };
        Self::begin(self.id, self.handshake, self.clock, Target::Name(Box::new(name)), self.accepted)
    }

    /// Leaves the queues. If the check was woken for a port, returns the address, whose next waiter may use the port.
    pub fn leave_place(&mut self) -> Option<SocketAddr> {
        let was_woken = std::mem::take(&mut self.place) == Place::Woken;
        self.next_address().filter(|_| was_woken)
    }

    /// The next address to try.
    pub fn next_address(&self) -> Option<SocketAddr> {
        self.address_after(0)
    }

    /// The untried address after the first `others`.
    pub fn address_after(&self, others: usize) -> Option<SocketAddr> {
        match &self.target {
            Target::Address(address) => (others == 0).then(|| (*address).into()),
            Target::Name(name) => name.addresses.get(others).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_checks_fit_into_80_megabytes() {
        assert_eq!(size_of::<Check>(), 80);
    }
}
