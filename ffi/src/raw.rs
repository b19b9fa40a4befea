//! Probes without sockets. We write the SYNs ourselves, and as no socket knows of them, the kernel answers each SYN-ACK with a
//! RST by itself, at once, whatever has become of this process. Needs CAP_NET_RAW.

mod answer;
mod channel;
mod checksum;
mod departures;
mod filter;
mod flights;
mod ports;
mod probes;
mod rate;
mod routes;
mod secret;
mod syn;
mod sys;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rustix::io::{self, Errno};
use rustix::time::{ClockId, clock_gettime};
use smallvec::SmallVec;

use crate::config::{Config, Refusal};
use crate::keys::ProbeKey;
use crate::moment::Moment;
use crate::poller::Poller;
use crate::probe::{self, Verdict};
use crate::record::{Family, offer};
use crate::sys::Peer;
use crate::transport::{Departure, NotStarted};
use crate::wire::on_the_wire;
use answer::{Answer, Options, Quote};
use channel::{Channel, Channels};
use departures::TOGETHER;
use flights::Flights;
use ports::Ports;
use rate::Rate;
use routes::Routes;
use secret::Secret;
use syn::{MAX_PACKET, Syn};
use sys::{BATCH, Inbox, Received};

/// What an engine has in place of sockets.
pub struct Raw {
    config: Config,
    flights: Flights,
    secret: Secret,
    ports: Ports,
    routes: Routes,
    rate: Option<Rate>,
    channels: Channels,
    inbox: Inbox,
    /// When answers were lost, by the system's clock: whoever was asked before that may have answered.
    lost: u64,
    /// Why they were.
    loss: Errno,
    /// Those who are to be asked again for that, or whose first SYN was refused.
    doubtful: VecDeque<ProbeKey>,
    /// What has become of SYNs that could not be sent at once.
    departures: Vec<(ProbeKey, Departure)>,
    /// Why this host has had no room for a SYN, the last time.
    refusal: Errno,
    /// Since when nothing has been under way.
    idle_since: Option<Moment>,
}

/// When a SYN is sent again for the first time; then after twice that, and so on (RFC 6298, section 2).
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The most that are under way at once.
pub const WINDOW: usize = 1 << 20;

/// The poller's keys. No probe has them: a slotmap's index stays below `u32::MAX`, and the waker has the highest.
mod keys {
    pub const V4: u64 = u64::MAX - 1;
    pub const V6: u64 = u64::MAX - 2;
    pub const NEWS: u64 = u64::MAX - 3;
}

/// How often in a row a socket may fail to give its answers, and have no error of the network to show for it.
const PATIENCE: u32 = 3;

/// How long ports are held that nobody needs.
const REST: Duration = Duration::from_secs(1);

impl Raw {
    /// Opens what it takes, with no more than a share of `descriptors`.
    pub fn open(config: Config, descriptors: usize, poller: &Poller) -> Result<Self, Refusal> {
        let v4 = Channel::open(Family::V4, &config)?;
        let v6 = match Channel::open(Family::V6, &config) {
            Err(Refusal { errno: Errno::AFNOSUPPORT, .. }) => None,
            opened => Some(opened?),
        };
        let routes = Routes::new(&config, v6.is_some())?;
        poller.add_readable(v4.inward(), keys::V4)?;
        if let Some(v6) = &v6 {
            poller.add_readable(v6.inward(), keys::V6)?;
        }
        poller.add_readable(routes.news(), keys::NEWS)?;
        Ok(Self {
            config,
            flights: Flights::default(),
            secret: Secret::default(),
            ports: Ports::new(descriptors, v6.is_some()),
            routes,
            rate: Rate::new(config.rate, Moment::now()),
            channels: Channels { v4, v6 },
            inbox: Inbox::new(),
            lost: 0,
            loss: Errno::NOBUFS,
            departures: Vec::new(),
            refusal: Errno::NOBUFS,
            doubtful: VecDeque::new(),
            idle_since: Some(Moment::now()),
        })
    }

    /// Finds a port that no other probe of a target has.
    fn port_for(&mut self, target: &SocketAddr) -> Result<u16, NotStarted> {
        loop {
            let flights = &self.flights;
            if let Some(port) = self.ports.next(|port| flights.find(target, port).is_none()) {
                return Ok(port);
            }
            let before = self.ports.len();
            self.ports.grow()?;
            // A port at which nobody listens is none.
            self.listen().inspect_err(|_| self.ports.shrink_to(before))?;
        }
    }

    /// Hears what comes for the ports that are held.
    fn listen(&mut self) -> Result<(), NotStarted> {
        let ports = self.ports.sorted();
        self.channels.iter_mut().try_for_each(|channel| channel.listen_at(&ports)).map_err(NotStarted::of)
    }

    /// Has a SYN of a flight leave with the next ones, from an address of ours.
    fn put_out(&mut self, key: ProbeKey, source: IpAddr) {
        let Some(flight) = self.flights.get_mut(key) else { return };
        let booked = std::mem::take(&mut flight.booked);
        let target = flight.target();
        if !booked && let Some(rate) = self.rate_for(source, &target) {
            rate.spend();
        }
        let family = Family::of(&target);
        // Without IPv6 there is no source that leads there.
        let Some(channel) = self.channels.of(family) else { return };
        channel.waiting.push((key, source));
        if channel.waiting.len() == TOGETHER {
            self.send(family);
        }
    }

    /// Sends the SYNs of one family that are to leave.
    fn send(&mut self, family: Family) {
        let Some(channel) = self.channels.of(family) else { return };
        if channel.waiting.is_empty() {
            return;
        }
        let sent = wall_clock();
        let mut rooms = [[0; MAX_PACKET]; TOGETHER];
        let mut packets = SmallVec::<[(ProbeKey, IpAddr, &[u8], SocketAddr); TOGETHER]>::new();
        for ((key, source), room) in channel.waiting.drain(..).zip(&mut rooms) {
            // Some may have been cancelled meanwhile.
            let Some(flight) = self.flights.get(key) else { continue };
            let target = flight.target();
            let cookie = self.secret.cookie(key);
            let syn = Syn {
                source,
                source_port: flight.source_port,
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
            match channel.send(rest.iter().map(|(_, _, packet, target)| (*packet, *target))) {
                Ok(count) => {
                    let (gone, left) = rest.split_at(count);
                    for (key, ..) in gone {
                        if let Some(since) = self.flights.has_left(*key, sent, self.lost) {
                            self.departures.push((*key, Ok(since)));
                        }
                    }
                    rest = left;
                }
                Err(errno) => {
                    if let Some(rate) = self.rate.as_mut().filter(|_| leaves(*source, target)) {
                        rate.refund();
                    }
                    let has_room = !matches!(errno, Errno::AGAIN | Errno::NOBUFS | Errno::NOMEM);
                    match self.flights.get(*first) {
                        Some(flight) if flight.sent == 0 || flight.refused => {
                            if has_room {
                                self.departures.push((*first, Err(errno)));
                            } else {
                                self.refusal = errno;
                                self.flights.is_refused(*first);
                                self.doubtful.push_back(*first);
                            }
                        }
                        // Still to be asked again, if an answer was lost. Else it is as if the SYN had got lost on its way.
                        Some(flight) if flight.sent < self.lost => self.doubtful.push_back(*first),
                        _ => {}
                    }
                    rest = others;
                }
            }
        }
    }

    /// Reads the answers of one family that have come: to the very last one, or as many as one call finds.
    fn read(&mut self, family: Family, to_the_last: bool, found: &mut Vec<(ProbeKey, Verdict)>) -> io::Result<()> {
        let mut errors = 0;
        loop {
            let Some(channel) = self.channels.of(family) else { return Ok(()) };
            channel.look_for_room();
            match self.inbox.fill(channel.inward()) {
                Ok(0) | Err(Errno::AGAIN) => return Ok(()),
                Ok(count) => {
                    errors = 0;
                    found.extend(self.inbox.packets().filter_map(|packet| self.verdict_of(&packet)));
                    if count < BATCH && !to_the_last {
                        return Ok(());
                    }
                }
                // One of the network's, which comes with its packet by another way.
                Err(_) if self.read_errors(family, found) > 0 => errors = 0,
                Err(errno) if errors == PATIENCE => return Err(errno),
                Err(_) => errors += 1,
            }
        }
    }

    /// Reads all errors of one family. Returns how many there were.
    fn read_errors(&mut self, family: Family, found: &mut Vec<(ProbeKey, Verdict)>) -> usize {
        let Some(channel) = self.channels.of(family) else { return 0 };
        let mut taken = 0;
        loop {
            if taken % BATCH == 0 {
                channel.look_for_room_for_errors();
            }
            let Ok(Some(error)) = sys::take_error(channel.inward()) else { return taken };
            taken += 1;
            let Some(quote) = Quote::parse(&error.quote) else { continue };
            let target = with_scope(SocketAddr::new(error.target, quote.port), error.scope);
            let Some(key) = self.flights.find(&target, quote.source_port) else { continue };
            // What a router says of the size of packets is no matter of SYNs.
            if quote.sequence == self.secret.cookie(key).sequence && error.errno != Errno::MSGSIZE {
                found.push((key, Verdict::Failed(error.errno)));
            }
        }
    }

    /// What a packet says, and of which probe.
    fn verdict_of(&self, packet: &Received<'_>) -> Option<(ProbeKey, Verdict)> {
        let (from, scope, segment) = match packet.from {
            Some(v6) => ((*v6.ip()).into(), v6.scope_id(), packet.data),
            None => {
                let header = usize::from(packet.data.first()? & 0x0f) * 4;
                let source = packet.data.get(12..16)?.first_chunk::<4>()?;
                let destination = packet.data.get(16..20)?.first_chunk::<4>()?;
                let segment = packet.data.get(header..)?;
                // What carries data is cut short: then the number that it acknowledges has to do.
                if packet.is_whole && !checksum::is_intact((*source).into(), (*destination).into(), segment) {
                    return None;
                }
                ((*source).into(), 0, segment)
            }
        };
        let answer = Answer::parse(segment)?;
        let key = self.flights.find(&with_scope(SocketAddr::new(from, answer.port), scope), answer.source_port)?;
        let cookie = self.secret.cookie(key);
        // Forged, or an answer to a probe before this one.
        if answer.acknowledges != cookie.sequence.wrapping_add(1) {
            return None;
        }
        if !answer.is_open {
            return Some((key, Verdict::Failed(Errno::CONNREFUSED)));
        }
        let flight = self.flights.get(key)?;
        let answered = match answer.options.echo {
            Some(echo) => Some(cookie.time_of(echo, flight.sent)),
            // Which of several it is an answer to nobody knows (Karn's algorithm).
            None => (flight.resent == 0).then_some(flight.sent),
        };
        let rtt = answered.zip(packet.at).and_then(|(sent, at)| at.checked_sub(sent));
        let rtt_us = rtt.map_or(0, |ns| u32::try_from(ns.div_ceil(1000)).unwrap_or(0));
        let (retransmits, peer) = (flight.resent.into(), peer(&answer, from));
        Some((key, Verdict::Up(probe::Answer { rtt_us, retransmits, acknowledged: false, peer })))
    }

    /// Sees whether answers were lost for want of room.
    fn look_for_losses(&mut self) {
        // Each is asked, as each tells only what is new.
        if self.channels.iter_mut().fold(false, |lost, channel| channel.has_lost() | lost) {
            self.has_lost(Errno::NOBUFS);
        }
    }

    /// Takes note that answers were lost, or can't be read. Those who may have sent one are asked again, but those who just
    /// were: their next turn comes soon enough, and losses may go on.
    fn has_lost(&mut self, why: Errno) {
        let before = std::mem::replace(&mut self.lost, wall_clock());
        self.loss = why;
        self.doubtful.clear();
        for (key, flight) in self.flights.iter_mut() {
            let just_was = flight.doubtful && flight.sent > before && !has_had_time(flight.sent, self.lost);
            flight.doubtful = true;
            if !just_was {
                self.doubtful.push_back(key);
            }
        }
    }
}

/// What a SYN-ACK tells of its host, as a socket would have it: in use is what both have, and ours has all of it.
fn peer(answer: &Answer, from: IpAddr) -> Peer {
    /// What timestamps take of each segment.
    const TIMESTAMPS: u16 = 12;
    let Options { mss, window_scale, sack, echo } = answer.options;
    // RFC 9293, section 3.7.1, and RFC 8200, section 5: what a host takes that doesn't say.
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

/// Whether a SYN had the time of a first one for its answer.
fn has_had_time(sent: u64, now: u64) -> bool {
    now.saturating_sub(sent) >= FIRST_WAIT.as_nanos() as u64
}

/// Whether a packet leaves this host. What doesn't is nobody else's traffic, and has no limit.
fn leaves(source: IpAddr, target: &SocketAddr) -> bool {
    source != target.ip() && !target.ip().is_loopback()
}

/// The system's clock in ns, by which the kernel stamps packets.
fn wall_clock() -> u64 {
    let now = clock_gettime(ClockId::Realtime);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

fn with_scope(address: SocketAddr, scope: u32) -> SocketAddr {
    let SocketAddr::V6(mut v6) = address else { return address };
    v6.set_scope_id(scope);
    on_the_wire(&v6.into())
}
