//! The network at work: reads what we send, and answers when its time has come.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::net::SocketAddr;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::Context;
use fastrand::Rng;
use rustc_hash::FxHashMap;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::host::{Asked, Handshake};
use crate::log::{Entry, Log, Loss, Side};
use crate::packet;
use crate::rng::LossRng;
use crate::rules::Rules;
use crate::scenario::{Answer, Rule, Scenario};
use crate::segment::{Flow, Kind, Segment};
use crate::tun::Tun;

/// As Linux does by default (`tcp_synack_retries`).
const RETRIES: u32 = 5;

/// Packets read before those that are due have their turn.
const PASS: usize = 64;

pub struct Network {
    rules: Rules,
    rng: Rng,
    loss_rng: LossRng,
    tun: Tun,
    log: Log,
    start: Instant,
    late_after: Option<Duration>,
    /// When there was last nothing to be read: what was read later has been sent later.
    drained: Instant,
    handshakes: FxHashMap<Flow, Handshake>,
    asked: FxHashMap<SocketAddr, Asked>,
    due: BinaryHeap<Due>,
    scheduled: u64,
}

/// A packet to be sent.
struct Due {
    at: Instant,
    /// Of two at the same time the one that was scheduled first is first.
    order: u64,
    flow: Flow,
    kind: &'static str,
    packet: Vec<u8>,
    loss: f64,
    again: Option<Again>,
    is_repeated: bool,
    /// After this it is late.
    in_time: Option<Instant>,
}

/// A packet that is sent again while its handshake lasts.
#[derive(Clone, Copy)]
struct Again {
    /// Which SYN of the handshake it answers: a later one restarts the clock.
    syns: u32,
    host_sequence: u32,
    after: Duration,
    left: u32,
}

impl Network {
    pub fn new(scenario: Scenario, tun: Tun, log: Log) -> Self {
        let start = Instant::now();
        Self {
            late_after: scenario.late_after(),
            rules: Rules::new(scenario.rules),
            rng: Rng::with_seed(scenario.seed),
            loss_rng: LossRng::new(scenario.seed),
            tun,
            log,
            start,
            drained: start,
            handshakes: FxHashMap::default(),
            asked: FxHashMap::default(),
            due: BinaryHeap::new(),
            scheduled: 0,
        }
    }

    /// Is there until the command has ended and all that it has sent is put down.
    pub fn run_while(&mut self, child: &mut Child) -> anyhow::Result<ExitStatus> {
        let ended = pidfd_open(Pid::from_child(child), PidfdFlags::empty())?;
        loop {
            let is_drained = self.read()?;
            self.send()?;
            let timeout = if is_drained { self.until_next() } else { Some(Duration::ZERO) };
            let timeout = timeout.map(|timeout| Timespec::try_from(timeout).expect("it is short"));
            let mut ready = [PollFd::new(&self.tun, PollFlags::IN), PollFd::new(&ended, PollFlags::IN)];
            match rustix::event::poll(&mut ready, timeout.as_ref()) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(errno) => return Err(errno).context("Cannot wait for packets"),
            }
            if !ready[1].revents().is_empty() {
                while !self.read()? {}
                return Ok(child.wait()?);
            }
        }
    }

    pub fn finish(self) -> anyhow::Result<()> {
        self.log.finish()
    }

    fn until_next(&self) -> Option<Duration> {
        self.due.peek().map(|due| due.at.saturating_duration_since(Instant::now()))
    }

    /// Reads what there is, up to a limit. Returns whether that was all.
    fn read(&mut self) -> anyhow::Result<bool> {
        let mut room = [0; 2048];
        for _ in 0..PASS {
            let before = Instant::now();
            let Some(packet) = self.tun.read(&mut room).context("Cannot read from the device")? else {
                self.drained = before;
                return Ok(true);
            };
            if let Some(segment) = Segment::read(packet) {
                self.on_segment(Instant::now(), &segment)?;
            }
        }
        Ok(false)
    }

    fn on_segment(&mut self, now: Instant, segment: &Segment<'_>) -> anyhow::Result<()> {
        let Flow { host, .. } = segment.flow;
        let rule = self.rules.find(host.ip(), host.port()).cloned();
        let kind = segment.kind();
        let lost = match rule {
            _ if !segment.is_intact => Some(Loss::Damaged),
            Some(rule) => self.receive(now, segment, kind, &rule),
            None => None,
        };
        let entry = Entry {
            from: Side::Client,
            flow: segment.flow,
            kind: kind.name(),
            lost,
            options: &if kind == Kind::Syn && self.log.is_whole() { segment.options() } else { Vec::new() },
            packet: segment.packet,
        };
        self.log.add(self.drained..=now, entry)
    }

    /// What the network does with a segment; or why it doesn't arrive.
    fn receive(&mut self, now: Instant, segment: &Segment<'_>, kind: Kind, rule: &Rule) -> Option<Loss> {
        let Flow { host, .. } = segment.flow;
        let is_lost = self.loss_rng.draw_loss(host, Side::Client, kind.name(), rule.loss);
        if kind == Kind::Syn {
            let asked = self.count_syn(now, host, rule);
            if is_lost || rule.lose_syns.contains(&asked.syns) {
                return Some(Loss::Rule);
            }
            self.schedule(now, segment, rule, asked);
            return None;
        }
        let handshake = self.handshakes.get_mut(&segment.flow)?;
        let arrives = kind != Kind::Rst || handshake.on_reset(rule);
        if is_lost || !arrives {
            return Some(Loss::Rule);
        }
        if kind == Kind::Rst {
            self.handshakes.remove(&segment.flow);
        } else {
            handshake.is_over = true;
        }
        None
    }

    /// The SYNs to a port of a host; where it makes no difference, each is the first.
    fn count_syn(&mut self, now: Instant, host: SocketAddr, rule: &Rule) -> Asked {
        let first = Asked { first: now, syns: 0 };
        let mut once = first;
        let asked = if rule.counts_syns() { self.asked.entry(host).or_insert(first) } else { &mut once };
        asked.syns += 1;
        *asked
    }

    /// Prepares the answers to a SYN.
    fn schedule(&mut self, now: Instant, syn: &Segment<'_>, rule: &Rule, asked: Asked) {
        let mut once = Handshake::default();
        let handshake = if rule.has_handshakes() { self.handshakes.entry(syn.flow).or_default() } else { &mut once };
        handshake.on_syn(syn.tcp.sequence_number(), &mut self.rng);
        let Handshake { host_sequence, syns, .. } = *handshake;
        let now = now.max(asked.first + rule.asleep());
        for reply in rule.replies.iter().filter(|reply| reply.is_for(asked.syns)) {
            let delay = reply.delay(&mut self.rng);
            // The clock of RFC 7323, in ms.
            let clock = (now + delay - self.start).as_millis() as u32;
            self.due.push(Due {
                at: now + delay,
                order: self.scheduled,
                flow: syn.flow,
                kind: reply.send.kind(),
                packet: packet::answer(reply.send, syn, host_sequence, clock),
                loss: rule.loss,
                again: reply.again().map(|after| Again { syns, host_sequence, after, left: RETRIES }),
                is_repeated: false,
                in_time: self.late_after.map(|late| self.drained + delay + late),
            });
            self.scheduled += 1;
        }
    }

    /// Sends what is due.
    fn send(&mut self) -> anyhow::Result<()> {
        while let Some(due) = self.due.peek()
            && due.at <= Instant::now()
        {
            let due = self.due.pop().expect("it was there");
            if due.is_repeated && !self.lasts(&due) {
                continue;
            }
            let is_lost = self.loss_rng.draw_loss(due.flow.host, Side::Host, due.kind, due.loss);
            let lost = is_lost.then_some(Loss::Rule);
            let before = Instant::now();
            if lost.is_none() {
                // The kernel receives it before this returns.
                self.tun.write(&due.packet).context("Cannot write to the device")?;
            }
            let after = Instant::now();
            let entry =
                Entry { from: Side::Host, flow: due.flow, kind: due.kind, lost, options: &[], packet: &due.packet };
            self.log.add(before..=after, entry)?;
            if due.in_time.is_some_and(|in_time| in_time < after) {
                self.log.add_late(due.flow.host);
            }
            self.send_again(due);
        }
        Ok(())
    }

    fn send_again(&mut self, due: Due) {
        if let Some(again @ Again { after, left: left @ 1.., .. }) = due.again {
            let again = Some(Again { after: after * 2, left: left - 1, ..again });
            self.due.push(Due { at: due.at + after, again, is_repeated: true, in_time: None, ..due });
        }
    }

    /// Whether the handshake for which a packet would be retransmitted still exists.
    fn lasts(&self, due: &Due) -> bool {
        let (Some(again), Some(handshake)) = (due.again, self.handshakes.get(&due.flow)) else { return false };
        let answered = (handshake.host_sequence, handshake.syns);
        !handshake.is_over && answered == (again.host_sequence, again.syns)
    }
}

impl Answer {
    fn kind(self) -> &'static str {
        match self {
            Self::SynAck { .. } => Kind::SynAck.name(),
            Self::Refusal { .. } | Self::Reset { .. } => Kind::Rst.name(),
            Self::Data => Kind::Data.name(),
            Self::Fin => Kind::Fin.name(),
            Self::Syn => Kind::Syn.name(),
            Self::Damaged => "DAMAGED",
            Self::Icmp { .. } => "ICMP",
        }
    }
}

/// The earliest is the greatest: the heap gives that one first.
impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Due {}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
