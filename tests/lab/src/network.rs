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
use crate::scenario::{Answer, Rule, Scenario};
use crate::segment::{Flow, Kind, Segment};
use crate::tun::Tun;

/// As Linux does by default (`tcp_synack_retries`).
const RETRIES: u32 = 5;

/// Packets read before those that are due have their turn.
const PASS: usize = 64;

pub struct Network {
    rules: Vec<Rule>,
    rng: Rng,
    tun: Tun,
    log: Log,
    start: Instant,
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
}

/// A packet that is sent again while its handshake lasts.
#[derive(Clone, Copy)]
struct Again {
    /// Which SYN of the handshake it answers: a later one starts the clock anew.
    syns: u32,
    client_sequence: u32,
    after: Duration,
    left: u32,
}

impl Network {
    pub fn new(scenario: Scenario, tun: Tun, log: Log) -> Self {
        Self {
            rules: scenario.rules,
            rng: Rng::with_seed(scenario.seed),
            tun,
            log,
            start: Instant::now(),
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
            let Some(packet) = self.tun.read(&mut room).context("Cannot read from the device")? else {
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
        let rule = self.rules.iter().position(|rule| rule.fits(host.ip(), host.port()));
        let kind = segment.kind();
        let lost = if segment.is_intact { self.receive(now, segment, kind, rule) } else { Some(Loss::Damaged) };
        let entry = Entry {
            from: Side::Client,
            flow: segment.flow,
            kind: kind.name(),
            lost,
            options: &if kind == Kind::Syn { segment.options() } else { Vec::new() },
            packet: segment.packet,
        };
        self.log.add(now, entry)
    }

    /// What the network does with a segment; or why it doesn't arrive.
    fn receive(&mut self, now: Instant, segment: &Segment<'_>, kind: Kind, rule: Option<usize>) -> Option<Loss> {
        let index = rule?;
        let rule = &self.rules[index];
        let is_unlucky = self.rng.f64() < rule.loss;
        let handshake = match kind {
            Kind::Syn => self.handshakes.entry(segment.flow).or_default(),
            _ => self.handshakes.get_mut(&segment.flow)?,
        };
        let arrives = match kind {
            Kind::Syn => {
                handshake.on_syn(segment.tcp.sequence_number(), &mut self.rng);
                let asked = self.asked.entry(segment.flow.host).or_insert(Asked { first: now, syns: 0 });
                asked.syns += 1;
                !rule.lose_syns.contains(&asked.syns)
            }
            Kind::Rst => handshake.on_reset(rule),
            _ => true,
        };
        if is_unlucky || !arrives {
            return Some(Loss::Rule);
        }
        if kind == Kind::Syn {
            let handshake = *handshake;
            self.schedule(now, segment, index, handshake);
        } else {
            handshake.is_over = true;
        }
        None
    }

    /// Prepares the answers to a SYN.
    fn schedule(&mut self, now: Instant, syn: &Segment<'_>, rule: usize, handshake: Handshake) {
        let rule = &self.rules[rule];
        let Handshake { client_sequence, host_sequence, syns, .. } = handshake;
        let asked = &self.asked[&syn.flow.host];
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
                again: reply.again().map(|after| Again { syns, client_sequence, after, left: RETRIES }),
                is_repeated: false,
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
            let lost = (self.rng.f64() < due.loss).then_some(Loss::Rule);
            // Before it is sent: our answer must not seem to be earlier.
            let entry =
                Entry { from: Side::Host, flow: due.flow, kind: due.kind, lost, options: &[], packet: &due.packet };
            self.log.add(Instant::now(), entry)?;
            if lost.is_none() {
                self.tun.write(&due.packet).context("Cannot write to the device")?;
            }
            self.send_again(due);
        }
        Ok(())
    }

    fn send_again(&mut self, due: Due) {
        if let Some(again @ Again { after, left: left @ 1.., .. }) = due.again {
            let again = Some(Again { after: after * 2, left: left - 1, ..again });
            self.due.push(Due { at: due.at + after, again, is_repeated: true, ..due });
        }
    }

    /// Whether there is still somebody for whom a packet would be sent again.
    fn lasts(&self, due: &Due) -> bool {
        let (Some(again), Some(handshake)) = (due.again, self.handshakes.get(&due.flow)) else { return false };
        let asked_by = (handshake.client_sequence, handshake.syns);
        !handshake.is_over && asked_by == (again.client_sequence, again.syns)
    }
}

impl Answer {
    fn kind(self) -> &'static str {
        match self {
            Self::SynAck { .. } => Kind::SynAck.name(),
            Self::Refusal { .. } | Self::Reset => Kind::Rst.name(),
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
