//! Receiving: matches answers and ICMP errors to probes, and detects losses in this host.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use rustix::io::{self, Errno};

use super::segment::{Options, Quote, Segment};
use super::{Raw, checksum, syn};
use crate::address::wire_address;
use crate::keys::ProbeKey;
use crate::record::{Family, offer};
use crate::sys::Peer;
use crate::sys::recvmmsg::{self, MAX_PER_RECEIVE, Received};
use crate::transport::{Handshake, HeldAck, ProbeEvent, ProbeEvents, Verdict};

/// The maximum number of consecutive errors of a receiving socket that no ICMP error explains.
const MAX_ERRORS_IN_A_ROW: u32 = 3;

impl Raw {
    /// Reads the answers of one family: all with `to_the_last`, else until a call returns less than a full batch.
    pub(super) fn read(&mut self, family: Family, to_the_last: bool, events: &mut ProbeEvents) -> io::Result<()> {
        let mut errors = 0;
        loop {
            let Some(channel) = self.channels.of(family) else { return Ok(()) };
            channel.note_fill_level();
            match self.received.fill(channel.receiver()) {
                Ok(0) | Err(Errno::AGAIN) => return Ok(()),
                Ok(count) => {
                    errors = 0;
                    // Send the RSTs before anything else.
                    self.reset_all(family);
                    let verdicts = self.received.packets().filter_map(|packet| self.verdict_of(&packet));
                    events.extend(verdicts.map(|(key, verdict)| (key, ProbeEvent::Verdict(verdict))));
                    if count < MAX_PER_RECEIVE && !to_the_last {
                        return Ok(());
                    }
                }
                // An ICMP error: its details are in the error queue.
                Err(_) if self.read_errors(family, events) > 0 => errors = 0,
                Err(errno) if errors == MAX_ERRORS_IN_A_ROW => return Err(errno),
                Err(_) => errors += 1,
            }
        }
    }

    /// Reads all ICMP errors of one family. Returns their number.
    pub(super) fn read_errors(&mut self, family: Family, events: &mut ProbeEvents) -> usize {
        let Some(channel) = self.channels.of(family) else { return 0 };
        let mut taken = 0;
        loop {
            if taken % MAX_PER_RECEIVE == 0 {
                channel.note_fill_level_of_errors();
            }
            let Ok(Some(error)) = recvmmsg::take_error(channel.receiver()) else { return taken };
            taken += 1;
            let Some(quote) = Quote::parse(&error.quote) else { continue };
            let target = with_scope(SocketAddr::new(error.target, quote.port), error.scope);
            let Some(key) = self.in_flight.find(&target, quote.source_port) else { continue };
            // A router's message about the packet size does not concern SYNs.
            if quote.sequence == self.in_flight.cookie(key).sequence && error.errno != Errno::MSGSIZE {
                events.push((key, ProbeEvent::Verdict(Verdict::Failed(error.errno))));
            }
        }
    }

    /// The verdict of a packet, and its probe.
    pub(super) fn verdict_of(&self, packet: &Received<'_>) -> Option<(ProbeKey, Verdict)> {
        let ReceivedSegment { answer, from, .. } = ReceivedSegment::of(packet)?;
        let key = self.in_flight.find(&from, answer.source_port)?;
        let cookie = self.in_flight.cookie(key);
        // Another number is forged, or answers an earlier probe.
        if answer.acknowledges != cookie.sequence.wrapping_add(1) {
            return None;
        }
        if !answer.is_open {
            return Some((key, Verdict::Failed(Errno::CONNREFUSED)));
        }
        let entry = self.in_flight.get(key)?;
        let answered = match answer.options.echo {
            Some(echo) => Some(cookie.time_of(echo, entry.sent)),
            // It is unknown which of several SYNs the segment answers (Karn's algorithm).
            None => (entry.resent == 0).then_some(entry.sent),
        };
        let rtt = answered.zip(packet.at).and_then(|(sent, at)| at.checked_sub(sent));
        let rtt_us = rtt.map_or(0, |ns| u32::try_from(ns.div_ceil(1000)).unwrap_or(0));
        let (retransmits, peer) = (entry.resent.into(), peer(&answer, from.ip()));
        Some((key, Verdict::Up(Handshake { rtt_us, retransmits, ack: HeldAck::Never, peer })))
    }

    /// Records whether full buffers have dropped answers.
    pub(super) fn look_for_losses(&mut self) {
        // No short circuit, because each channel's losses must be taken.
        if self.channels.iter_mut().fold(false, |lost, channel| channel.take_losses() | lost) {
            self.losses.record(Errno::NOBUFS, &mut self.in_flight);
        }
    }
}

/// An intact segment that may answer a SYN.
pub(super) struct ReceivedSegment {
    pub answer: Segment,
    /// The source, in canonical form.
    pub from: SocketAddr,
    /// The destination.
    pub to: Option<IpAddr>,
}

impl ReceivedSegment {
    pub(super) fn of(packet: &Received<'_>) -> Option<Self> {
        let (from, scope, to, segment) = match packet.from {
            Some(v6) => ((*v6.ip()).into(), v6.scope_id(), packet.to.map(IpAddr::from), packet.data),
            None => {
                let header = usize::from(packet.data.first()? & 0x0f) * 4;
                let source = Ipv4Addr::from(*packet.data.get(12..16)?.first_chunk::<4>()?);
                let destination = Ipv4Addr::from(*packet.data.get(16..20)?.first_chunk::<4>()?);
                let segment = packet.data.get(header..)?;
                // A segment with data is truncated, so its checksum can't be verified. The acknowledgment number still
                // rejects forged ones.
                if packet.is_whole && !checksum::is_intact(source.into(), destination.into(), segment) {
                    return None;
                }
                (source.into(), 0, Some(destination.into()), segment)
            }
        };
        let answer = Segment::parse(segment)?;
        Some(Self { answer, from: with_scope(SocketAddr::new(from, answer.port), scope), to })
    }
}

/// The peer's options and window, as in `TCP_INFO`, which has the options of both sides: our SYN has all of them.
fn peer(answer: &Segment, from: IpAddr) -> Peer {
    /// The size of the timestamps option in each segment.
    const TIMESTAMPS: u16 = 12;
    let Options { mss, window_scale, sack, echo } = answer.options;
    // The MSS of a host that sends no MSS option: RFC 9293, section 3.7.1, and RFC 8200, section 5.
    let default = if from.is_ipv4() { 536 } else { 1220 };
    let mss = mss.unwrap_or(default).min(syn::mss(from));
    let bits =
        [(offer::TIMESTAMPS, echo.is_some()), (offer::SACK, sack), (offer::WINDOW_SCALE, window_scale.is_some())];
    Peer {
        options: bits.into_iter().filter(|(_, has)| *has).map(|(bit, _)| bit).sum(),
        window_scale: window_scale.unwrap_or(0),
        mss: mss.saturating_sub(if echo.is_some() { TIMESTAMPS } else { 0 }).into(),
        window: Some(answer.window.into()),
    }
}

fn with_scope(address: SocketAddr, scope: u32) -> SocketAddr {
    let SocketAddr::V6(mut v6) = address else { return address };
    v6.set_scope_id(scope);
    wire_address(&v6.into())
}
