//! The simulated network: reads the client's packets, and sends the scheduled answers.

use std::collections::BinaryHeap;
use std::net::SocketAddr;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::Context;
use fastrand::Rng;
use rustc_hash::FxHashMap;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::host::{Handshake, SynCount};
use crate::log::{Entry, Log, Loss, Side};
use crate::packet;
use crate::rng::LossRng;
use crate::rules::Rules;
use crate::scenario::{Answer, Rule, Scenario};
use crate::scheduled_packet::{Retransmission, ScheduledPacket};
use crate::segment::{Flow, Kind, Segment};
use crate::tun::Tun;

/// The number of retransmissions: Linux's default (`tcp_synack_retries`).
const RETRIES: u32 = 5;

/// The maximum number of packets that are read before due packets are sent.
const PASS: usize = 64;

pub struct Network {
    rules: Rules,
    rng: Rng,
    loss_rng: LossRng,
    tun: Tun,
    log: Log,
    start: Instant,
    late_after: Option<Duration>,
    spins: bool,
    /// The last time at which the device was empty. Packets that were read later were sent later.
    drained: Instant,
    handshakes: FxHashMap<Flow, Handshake>,
    syn_counts: FxHashMap<SocketAddr, SynCount>,
    due: BinaryHeap<ScheduledPacket>,
    scheduled: u64,
}

impl Network {
    pub fn new(scenario: Scenario, tun: Tun, log: Log) -> Self {
        let start = Instant::now();
        Self {
            late_after: scenario.late_after(),
            spins: scenario.spins,
            rules: Rules::new(scenario.rules),
            rng: Rng::with_seed(scenario.seed),
            loss_rng: LossRng::new(scenario.seed),
            tun,
            log,
            start,
            drained: start,
            handshakes: FxHashMap::default(),
            syn_counts: FxHashMap::default(),
            due: BinaryHeap::new(),
            scheduled: 0,
        }
    }

    /// Runs the network until the command has ended, and all its packets are logged.
    pub fn run_while(&mut self, child: &mut Child) -> anyhow::Result<ExitStatus> {
        let ended = pidfd_open(Pid::from_child(child), PidfdFlags::empty())?;
        loop {
            let is_drained = self.read()?;
            self.send()?;
            let timeout = if is_drained && !self.spins { self.until_next() } else { Some(Duration::ZERO) };
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

    /// Reads up to [`PASS`] packets. Returns whether the device is empty.
    fn read(&mut self) -> anyhow::Result<bool> {
        let mut buffer = [0; 2048];
        for _ in 0..PASS {
            let before = Instant::now();
            let Some(packet) = self.tun.read(&mut buffer).context("Cannot read from the device")? else {
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

    /// Handles a segment. Returns the reason if it does not arrive.
    fn receive(&mut self, now: Instant, segment: &Segment<'_>, kind: Kind, rule: &Rule) -> Option<Loss> {
        let Flow { host, .. } = segment.flow;
        let is_lost = self.loss_rng.draw_loss(host, Side::Client, kind.name(), rule.loss);
        if kind == Kind::Syn {
            let count = self.count_syn(now, host, rule);
            if is_lost || rule.lose_syns.contains(&count.syns) {
                return Some(Loss::Rule);
            }
            self.schedule(now, segment, rule, count);
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

    /// Counts a SYN to a port of a host. If the rule does not depend on the number, each SYN counts as the first.
    fn count_syn(&mut self, now: Instant, host: SocketAddr, rule: &Rule) -> SynCount {
        let first = SynCount { first: now, syns: 0 };
        let mut once = first;
        let count = if rule.counts_syns() { self.syn_counts.entry(host).or_insert(first) } else { &mut once };
        count.syns += 1;
        *count
    }

    /// Schedules the answers to a SYN.
    fn schedule(&mut self, now: Instant, syn: &Segment<'_>, rule: &Rule, count: SynCount) {
        let mut once = Handshake::default();
        let handshake = if rule.has_handshakes() { self.handshakes.entry(syn.flow).or_default() } else { &mut once };
        handshake.on_syn(syn.tcp.sequence_number(), &mut self.rng);
        let Handshake { host_sequence, syns, .. } = *handshake;
        let now = now.max(count.first + rule.wakes_after());
        for reply in rule.replies.iter().filter(|reply| reply.is_for(count.syns)) {
            let delay = reply.delay(&mut self.rng);
            // The timestamp clock (RFC 7323), in ms.
            let clock = (now + delay - self.start).as_millis() as u32;
            self.due.push(ScheduledPacket {
                at: now + delay,
                order: self.scheduled,
                flow: syn.flow,
                kind: reply.send.kind(),
                packet: packet::answer(reply.send, syn, host_sequence, clock),
                loss: rule.loss,
                retransmission: reply.retransmit_after().map(|after| Retransmission {
                    syns,
                    host_sequence,
                    after,
                    remaining: RETRIES,
                }),
                is_retransmission: false,
                latest: self.late_after.map(|late| self.drained + rule.wakes_after() + delay + late),
            });
            self.scheduled += 1;
        }
    }

    /// Sends the due packets.
    fn send(&mut self) -> anyhow::Result<()> {
        while let Some(due) = self.due.peek()
            && due.at <= Instant::now()
        {
            let due = self.due.pop().expect("the heap is not empty");
            if due.is_retransmission && !self.is_pending(&due) {
                continue;
            }
            let is_lost = self.loss_rng.draw_loss(due.flow.host, Side::Host, due.kind, due.loss);
            let lost = is_lost.then_some(Loss::Rule);
            let before = Instant::now();
            if lost.is_none() {
                // The kernel receives the packet before the call returns.
                self.tun.write(&due.packet).context("Cannot write to the device")?;
            }
            let after = Instant::now();
            let entry =
                Entry { from: Side::Host, flow: due.flow, kind: due.kind, lost, options: &[], packet: &due.packet };
            self.log.add(before..=after, entry)?;
            if due.latest.is_some_and(|latest| latest < after) {
                self.log.add_late(due.flow.host);
            }
            self.due.extend(due.next_retransmission());
        }
        Ok(())
    }

    /// Whether the handshake of a retransmission still exists.
    fn is_pending(&self, due: &ScheduledPacket) -> bool {
        let (Some(retransmission), Some(handshake)) = (due.retransmission, self.handshakes.get(&due.flow)) else {
            return false;
        };
        let answered = (handshake.host_sequence, handshake.syns);
        !handshake.is_over && answered == (retransmission.host_sequence, retransmission.syns)
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
