//! The send queue: the SYNs of the next `sendmmsg()`, within the rate limit.

use std::net::{IpAddr, SocketAddr};

use rustix::io::Errno;
use smallvec::SmallVec;

use super::channel::Channels;
use super::in_flight::InFlight;
use super::losses::Losses;
use super::rate_limit::RateLimit;
use super::syn::{MAX_PACKET, Syn};
use super::wall_clock;
use crate::instant::Instant;
use crate::keys::ProbeKey;
use crate::record::Family;
use crate::sys::sendmmsg::MAX_PER_SEND;
use crate::transport::{ProbeEvent, ProbeEvents};

/// The probes of queued SYNs, with their source addresses.
type Queue = Vec<(ProbeKey, IpAddr)>;

/// The send queue of a raw engine.
pub struct SendQueue {
    v4: Queue,
    v6: Queue,
    pub limit: RateLimit,
    /// The TOS byte, or traffic class, of SYNs.
    tos: u8,
    /// Events of SYNs that were not handled yet.
    pub events: ProbeEvents,
    /// The error of the last blocked SYN.
    pub blocked_errno: Errno,
}

impl SendQueue {
    pub fn new(limit: RateLimit, tos: u8) -> Self {
        let (v4, v6, events) = Default::default();
        Self { v4, v6, limit, tos, events, blocked_errno: Errno::NOBUFS }
    }

    /// Queues a SYN of a probe, from an address of this host. If that fills the queue of a family, returns the family,
    /// whose queue must then be sent.
    pub fn push(&mut self, key: ProbeKey, source: IpAddr, in_flight: &mut InFlight) -> Option<Family> {
        let probe = in_flight.get_mut(key)?;
        self.limit.spend(source, probe);
        let family = Family::of(&probe.target());
        let queue = self.of(family);
        queue.push((key, source));
        (queue.len() == MAX_PER_SEND).then_some(family)
    }

    /// Sends the queued SYNs of one family.
    pub fn send(&mut self, family: Family, channels: &mut Channels, in_flight: &mut InFlight, losses: &mut Losses) {
        // Without IPv6 there is no source address for a target, so the queue is empty.
        let Some(channel) = channels.of(family) else { return };
        if self.of(family).is_empty() {
            return;
        }
        let sent = wall_clock();
        let tos = self.tos;
        let mut rooms = [[0; MAX_PACKET]; MAX_PER_SEND];
        let mut packets = SmallVec::<[(ProbeKey, IpAddr, &[u8], SocketAddr); MAX_PER_SEND]>::new();
        for ((key, source), room) in self.of(family).drain(..).zip(&mut rooms) {
            // A probe may have been cancelled since it was queued.
            let Some(probe) = in_flight.get(key) else { continue };
            let target = probe.target();
            let cookie = in_flight.cookie(key);
            let syn = Syn {
                source,
                source_port: probe.source_port,
                target,
                sequence: cookie.sequence,
                timestamp: cookie.timestamp(sent),
                tos,
                noise: cookie.sequence ^ cookie.clock_offset,
            };
            packets.push((key, source, syn.write(room), target));
        }
        let mut rest = &packets[..];
        while let [(first, source, _, target), others @ ..] = rest {
            match channel.send(rest.iter().map(|(_, _, packet, target)| (*packet, *target))) {
                Ok(count) => {
                    let (gone, left) = rest.split_at(count);
                    for (key, ..) in gone {
                        if in_flight.record_sent(*key, sent, losses.last) {
                            self.events.push((*key, ProbeEvent::Sent));
                        }
                    }
                    rest = left;
                }
                Err(errno) => {
                    self.limit.refund(*source, target);
                    self.on_error(*first, errno, in_flight, losses);
                    rest = others;
                }
            }
        }
    }

    /// Handles an error of sending a SYN.
    fn on_error(&mut self, key: ProbeKey, errno: Errno, in_flight: &mut InFlight, losses: &mut Losses) {
        let Some(probe) = in_flight.get(key) else { return };
        let is_first = probe.sent == 0;
        if is_first && matches!(errno, Errno::AGAIN | Errno::NOBUFS | Errno::NOMEM) {
            self.blocked_errno = errno;
            if in_flight.mark_blocked(key) {
                self.events.push((key, ProbeEvent::Blocked(Instant::now())));
            }
            losses.doubtful.push_back(key);
        } else if is_first {
            self.events.push((key, ProbeEvent::NotSent(errno)));
        } else if probe.sent < losses.last {
            // An answer may have been lost, so the SYN must be sent. Without a loss, it counts as lost on the network.
            losses.doubtful.push_back(key);
        }
    }

    fn of(&mut self, family: Family) -> &mut Queue {
        match family {
            Family::V4 => &mut self.v4,
            Family::V6 => &mut self.v6,
        }
    }
}
