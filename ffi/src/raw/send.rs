//! Sending of SYNs: source port and address, rate limit, retransmission.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rustix::io::{self, Errno};
use smallvec::SmallVec;

use super::rate::Rate;
use super::syn::{MAX_PACKET, Syn};
use super::{FIRST_WAIT, Raw, wall_clock};
use crate::instant::Instant;
use crate::keys::ProbeKey;
use crate::record::Family;
use crate::sys::sendmmsg::MAX_PER_SEND;
use crate::transport::{NotStarted, ProbeEvent};

/// The longest retransmission timeout (`TCP_RTO_MAX`).
const LONGEST_WAIT: Duration = Duration::from_secs(120);

impl Raw {
    /// Finds a source port that no other probe of a target has.
    pub(super) fn port_for(&mut self, target: &SocketAddr) -> Result<u16, NotStarted> {
        loop {
            let in_flight = &self.in_flight;
            if let Some(port) = self.ports.next(|port| in_flight.find(target, port).is_none()) {
                return Ok(port);
            }
            let before = self.ports.len();
            self.ports.grow()?;
            // A port that the filter leaves out is of no use.
            self.listen().inspect_err(|_| self.ports.shrink_to(before))?;
        }
    }

    /// Sets the filters to the ports that are held.
    pub(super) fn listen(&mut self) -> Result<(), NotStarted> {
        let ports = self.ports.sorted();
        self.channels.iter_mut().try_for_each(|channel| channel.listen_at(&ports)).map_err(NotStarted::of)
    }

    /// Queues a SYN of a probe to leave with the next ones, from an address of ours.
    pub(super) fn queue_syn(&mut self, key: ProbeKey, source: IpAddr) {
        let Some(entry) = self.in_flight.get_mut(key) else { return };
        let booked = std::mem::take(&mut entry.booked);
        let target = entry.target();
        if !booked && let Some(rate) = self.rate_for(source, &target) {
            rate.spend();
        }
        let family = Family::of(&target);
        // Without IPv6 there is no source that leads there.
        let Some(channel) = self.channels.of(family) else { return };
        channel.waiting.push((key, source));
        if channel.waiting.len() == MAX_PER_SEND {
            self.send(family);
        }
    }

    /// Sends the queued SYNs of one family.
    pub(super) fn send(&mut self, family: Family) {
        let Some(channel) = self.channels.of(family) else { return };
        if channel.waiting.is_empty() {
            return;
        }
        let sent = wall_clock();
        let mut rooms = [[0; MAX_PACKET]; MAX_PER_SEND];
        let mut packets = SmallVec::<[(ProbeKey, IpAddr, &[u8], SocketAddr); MAX_PER_SEND]>::new();
        for ((key, source), room) in channel.waiting.drain(..).zip(&mut rooms) {
            // A probe may have been cancelled since it was queued.
            let Some(entry) = self.in_flight.get(key) else { continue };
            let target = entry.target();
            let cookie = self.syn_cookies.cookie(key);
            let syn = Syn {
                source,
                source_port: entry.source_port,
                target,
                sequence: cookie.sequence,
                timestamp: cookie.timestamp(sent),
                tos: self.config.tos,
                noise: cookie.sequence ^ cookie.clock_offset,
            };
            packets.push((key, source, syn.write(room), target));
        }
        let mut rest = &packets[..];
        while let [(first, source, _, target), others @ ..] = rest {
            let Some(channel) = self.channels.of(family) else { return };
            match channel.send(rest.iter().map(|(_, _, packet, target)| (*packet, *target))) {
                Ok(count) => {
                    let (gone, left) = rest.split_at(count);
                    for (key, ..) in gone {
                        if self.in_flight.record_sent(*key, sent, self.losses.last) {
                            self.events.push((*key, ProbeEvent::Sent));
                        }
                    }
                    rest = left;
                }
                Err(errno) => {
                    if let Some(rate) = self.rate_for(*source, target) {
                        rate.refund();
                    }
                    self.on_send_error(*first, errno);
                    rest = others;
                }
            }
        }
    }

    /// Handles an error of sending a SYN.
    fn on_send_error(&mut self, key: ProbeKey, errno: Errno) {
        let Some(entry) = self.in_flight.get(key) else { return };
        let is_first = entry.sent == 0;
        if is_first && matches!(errno, Errno::AGAIN | Errno::NOBUFS | Errno::NOMEM) {
            self.blocked_errno = errno;
            if self.in_flight.mark_blocked(key) {
                self.events.push((key, ProbeEvent::Blocked(Instant::now())));
            }
            self.losses.doubtful.push_back(key);
        } else if is_first {
            self.events.push((key, ProbeEvent::NotSent(errno)));
        } else if entry.sent < self.losses.last {
            // Still to be retransmitted, because an answer was lost. Else the SYN counts as lost on its way.
            self.losses.doubtful.push_back(key);
        }
    }

    /// Whether the `resent`-th retransmission is the last that is allowed.
    pub(super) fn is_last(&self, resent: u32) -> bool {
        self.config.syn_retries.is_some_and(|limit| resent >= limit.into())
    }

    /// Sends all queued SYNs.
    pub(super) fn send_all(&mut self) {
        self.send(Family::V4);
        self.send(Family::V6);
    }

    /// The rate limit for packets to a target, if any.
    pub(super) fn rate_for(&self, source: IpAddr, target: &SocketAddr) -> Option<&Rate> {
        self.rate.as_deref().filter(|_| leaves(source, target))
    }

    /// The source address of a probe's next SYN. An error if there is no route any more.
    pub(super) fn source_of(&mut self, key: ProbeKey) -> io::Result<IpAddr> {
        let entry = self.in_flight.get(key).ok_or(Errno::NOENT)?;
        self.routes.source(&entry.target())
    }

    /// The rate limit for a probe's SYNs, if any. Without a source, no SYN is sent.
    pub(super) fn rate_of(&self, key: ProbeKey, source: Option<IpAddr>) -> Option<&Rate> {
        let target = self.in_flight.get(key)?.target();
        self.rate_for(source?, &target)
    }

    /// Books a token for a probe's retransmission, unless it has one, because retransmissions come before first SYNs.
    /// Returns how long to wait for it, if it comes within a time.
    pub(super) fn book(
        &mut self,
        key: ProbeKey,
        source: Option<IpAddr>,
        now: Instant,
        within: Duration,
    ) -> Option<Duration> {
        if self.in_flight.get(key)?.booked {
            return Some(Duration::ZERO);
        }
        let Some(rate) = self.rate_of(key, source) else { return Some(Duration::ZERO) };
        let wait = rate.book(now, within)?;
        self.in_flight.get_mut(key)?.booked = true;
        Some(wait)
    }

    /// Queues one more SYN of a probe. Without a source it counts as lost.
    pub(super) fn queue_retransmit(&mut self, key: ProbeKey, source: Option<IpAddr>) {
        if let Some(source) = source {
            self.queue_syn(key, source);
        }
    }
}

/// Whether a packet leaves this host. Traffic within it has no limit.
fn leaves(source: IpAddr, target: &SocketAddr) -> bool {
    source != target.ip() && !target.ip().is_loopback()
}

/// When to retransmit again, after the `resent`-th retransmission, which was due at `due` and is sent at `now`.
///
/// It counts from the planned time, because a late engine thread would otherwise push the last SYN past the deadline;
/// but an answer has a second.
pub(super) fn next_retransmit(resent: u32, due: Instant, now: Instant) -> Instant {
    (due + wait_after(resent)).max(now + FIRST_WAIT)
}

/// The retransmission timeout after the `resent`-th retransmission.
fn wait_after(resent: u32) -> Duration {
    FIRST_WAIT.saturating_mul(1 << resent.min(7)).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_twice_as_long_up_to_two_minutes() {
        let waits = [1, 2, 3, 4, 5, 6, 7, 8, 99].map(|resent| wait_after(resent).as_secs());
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 120, 120, 120]);
    }

    #[test]
    fn retransmissions_of_a_late_thread_keep_to_their_times() {
        let due = Instant::now();
        let next = |late| next_retransmit(1, due, due + Duration::from_millis(late)).since(due).as_millis();
        // A SYN that is late by more than a second waits a second for its answer.
        assert_eq!([0, 30, 1000, 1001, 5000].map(next), [2000, 2000, 2000, 2001, 6000]);
    }
}
