//! The transport: sends probes and receives answers for the reactor, which keeps checks and timers.

mod held_ack;
mod verdict;

use std::net::SocketAddr;
use std::time::Duration;

use rustix::io::Errno;

use crate::address::CompactAddr;
use crate::instant::Instant;
use crate::keys::{CheckKey, ProbeKey};

use crate::sys::poller::{Poller, Ready};
pub use held_ack::{HeldAck, SYN_ACK_DELAY, fin_delay};
pub use verdict::{Handshake, Verdict};

/// The time after which the kernel retransmits a SYN (`TCP_TIMEOUT_INIT`). The kernel may be one jiffy early: 10 ms.
pub const SYN_AGAIN: Duration = Duration::from_secs(1);

/// A probe in flight.
#[derive(Clone, Copy)]
pub struct Probe {
    pub check: CheckKey,
    pub address: SocketAddr,
}

/// A probe in compact form, for large tables.
#[derive(Clone, Copy)]
pub struct CompactProbe {
    check: CheckKey,
    address: CompactAddr,
}

impl From<Probe> for CompactProbe {
    fn from(Probe { check, address }: Probe) -> Self {
        Self { check, address: address.into() }
    }
}

impl From<CompactProbe> for Probe {
    fn from(CompactProbe { check, address }: CompactProbe) -> Self {
        Self { check, address: address.into() }
    }
}

/// The reason why a probe can't start now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NotStarted {
    /// The window is full until a probe ends.
    Window,
    /// The system is out of descriptors or memory, for any target.
    Exhausted(Errno),
    /// Our own probes of this target use all local ports.
    NoPort,
    /// The rate limit permits no SYN for this time.
    TooSoon(Duration),
    /// A permanent error.
    Failed(Errno),
}

impl NotStarted {
    /// Classifies the error of a system call that a probe needs.
    pub fn of(errno: Errno) -> Self {
        match errno {
            Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM | Errno::NOSPC => Self::Exhausted(errno),
            _ => Self::Failed(errno),
        }
    }
}

/// A change of the state of a probe in flight.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProbeEvent {
    /// The first SYN has been blocked since this time, because this host lacks buffer space. It will be sent later.
    Blocked(Instant),
    /// The blocked SYN was sent.
    Sent,
    /// The first SYN can't be sent.
    NotSent(Errno),
    /// The verdict. A second verdict may follow after the probe has ended.
    Verdict(Verdict),
}

/// Events of probes, in the order in which they occurred.
pub type ProbeEvents = Vec<(ProbeKey, ProbeEvent)>;

/// The outcome of a probe's timer.
pub enum TimerOutcome {
    /// The probe continues with this key, until its next timer.
    GoesOn { key: ProbeKey, timer: Option<Instant> },
    /// The probe is finished.
    Over(Verdict),
}

/// How a probe ended.
#[derive(Clone, Copy)]
pub struct Ended {
    /// When the RST was sent.
    pub at: Instant,
    /// Whether an ACK may have been sent before the RST.
    pub acknowledged: bool,
    /// SYN retransmissions of a probe without an answer.
    pub retransmits: u32,
}

/// Sends the probes of an engine, and receives their answers.
pub trait Transport {
    /// Sends a SYN, now or with the next [`Self::send`].
    fn start(&mut self, poller: &Poller, probe: Probe, half_open: bool) -> Result<ProbeKey, NotStarted>;

    /// Whether a rate limit applies to an address, so that its probe may be [`NotStarted::TooSoon`].
    fn is_paced(&self, address: &SocketAddr) -> bool;

    /// Sends the SYNs that are queued.
    fn send(&mut self, events: &mut ProbeEvents);

    /// Receives the answers at a readable descriptor, for any number of probes. With `None`, a transport whose probes
    /// share sockets receives all answers that have arrived.
    fn receive(&mut self, ready: Option<Ready>, events: &mut ProbeEvents);

    /// The number of probes in flight.
    fn in_flight(&self) -> usize;

    /// The probe with a key; `None` once it has ended.
    fn probe(&self, key: ProbeKey) -> Option<Probe>;

    /// The current verdict on a probe, whose answer may have arrived although its event was not read yet.
    ///
    /// It may be called after `deadline`, the end of the check. A late answer counts; for silence to be a timeout, only
    /// the time until the deadline matters.
    fn verdict(&self, key: ProbeKey, deadline: Instant) -> Verdict;

    /// Ends a probe with its verdict, `Pending` if it has none. Sends the RST if the port is up, unless the kernel has
    /// sent one.
    fn end(&mut self, key: ProbeKey, verdict: Verdict) -> Ended;

    /// The first timer of a started probe, whose check ends at `deadline`.
    fn first_timer(&self, key: ProbeKey, started: Instant, deadline: Instant) -> Option<Instant>;

    /// Handles a probe's timer, which was due at `due`: retransmits, renews the socket, or gives up.
    fn on_timer(&mut self, poller: &Poller, key: ProbeKey, due: Instant, deadline: Instant) -> TimerOutcome;

    /// Does periodic work, such as releasing idle sockets and ports.
    fn maintain(&mut self, now: Instant);

    /// How long until the next maintenance, if any is pending.
    fn maintenance(&self) -> Option<Duration>;
}
