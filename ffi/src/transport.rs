//! The transport: the interface between the reactor, which keeps checks and timers, and the engine that sends probes
//! and receives answers.

mod held_ack;
mod verdict;

use std::net::SocketAddr;
use std::time::Duration;

use rustix::io::Errno;

use crate::address::CompactAddr;
use crate::instant::Instant;
use crate::keys::{CheckKey, ProbeKey};
use crate::sockets::probe_socket::ProbeSocket;

use crate::sys::poller::{Poller, Ready};
pub use held_ack::HeldAck;
pub use verdict::{Handshake, Verdict};

/// When the kernel sends a SYN again (`TCP_TIMEOUT_INIT`). As it counts in jiffies, this may be one early: 10 ms.
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
    /// The system has no more descriptors or memory, whatever the target.
    Exhausted(Errno),
    /// Our own probes have all the ports that lead to this target.
    NoPort,
    /// The rate limit allows no SYN for this long.
    TooSoon(Duration),
    /// An error that does not go away by waiting.
    Failed(Errno),
}

impl NotStarted {
    /// Classifies an error of a system call without which there is no probe.
    pub fn of(errno: Errno) -> Self {
        match errno {
            Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM | Errno::NOSPC => Self::Exhausted(errno),
            _ => Self::Failed(errno),
        }
    }
}

/// The outcome of a SYN that was blocked: sent, with the time since which it was blocked, or failed.
pub type BlockedSend = Result<Instant, Errno>;

/// The outcome of a probe's timer.
pub enum TimerOutcome {
    /// The probe goes on: under this key, until its next timer.
    GoesOn { key: ProbeKey, timer: Option<Instant> },
    /// The probe is finished.
    Over(Verdict),
}

/// How a probe ended.
#[derive(Clone, Copy)]
pub struct Ended {
    /// When its RST was sent.
    pub at: Instant,
    /// Whether an ACK may have left before the RST.
    pub acknowledged: bool,
}

/// Sends the probes of an engine, and receives their answers.
pub trait Transport {
    /// Sends a SYN, now or with the next [`Self::flush`].
    fn start(&mut self, poller: &Poller, probe: Probe, half_open: bool) -> Result<ProbeKey, NotStarted>;

    /// Whether a rate limit may hold for an address, so that a probe of it may be too soon.
    fn may_be_too_soon(&self, _address: &SocketAddr) -> bool {
        false
    }

    /// Takes over a half-open probe whose SYN its socket has sent. By default, and where that fails, closes the socket:
    /// the probe must then be started anew, and the error is whether an ACK may have left.
    fn adopt(&mut self, _poller: &Poller, socket: ProbeSocket, _probe: Probe) -> Result<ProbeKey, bool> {
        Err(socket.abort())
    }

    /// Sends the SYNs that were queued. A SYN that is blocked, for want of buffer space in this host, is sent once
    /// there is some; `blocked_sends` gets the outcomes of those.
    fn flush(&mut self, _departures: &mut Vec<(ProbeKey, BlockedSend)>) {}

    /// The time since which a probe's first SYN has been blocked, if it is.
    fn blocked_since(&self, _key: ProbeKey) -> Option<Instant> {
        None
    }

    /// The number of probes in flight.
    fn in_flight(&self) -> usize;

    /// The probe with a key; `None` once it has ended.
    fn probe(&self, key: ProbeKey) -> Option<Probe>;

    /// SYN retransmissions of a probe in flight.
    fn retransmits(&self, key: ProbeKey) -> u32;

    /// Reads the verdicts that an event brings, for any number of probes. Some of them may have ended since.
    fn on_event(&mut self, event: Ready, found: &mut Vec<(ProbeKey, Verdict)>);

    /// Reads all answers that have arrived, in an engine where they come for all probes together.
    fn catch_up(&mut self, _found: &mut Vec<(ProbeKey, Verdict)>) {}

    /// The verdict on a probe by now: its answer may have arrived, with the event not read yet.
    ///
    /// Its check ends at `deadline`, and this may be called later: an answer counts whenever it came, but silence is
    /// judged by the time until the deadline.
    fn verdict(&self, key: ProbeKey, deadline: Instant) -> Verdict;

    /// Ends a probe with its verdict. If the port is up this sends the RST, unless the kernel has sent one.
    fn end(&mut self, key: ProbeKey, verdict: Verdict) -> Ended;

    /// Ends a probe without a verdict. Returns whether an ACK may have left.
    fn cancel(&mut self, key: ProbeKey) -> bool;

    /// The first timer of a probe that has started. Its check ends at `deadline`.
    fn first_timer(&self, key: ProbeKey, started: Instant, deadline: Instant) -> Option<Instant>;

    /// Handles a probe's timer: retransmits, renews the socket, or gives up.
    fn on_timer(&mut self, poller: &Poller, key: ProbeKey, deadline: Instant) -> TimerOutcome;

    /// Does maintenance that concerns no single probe, such as releasing idle sockets and ports.
    fn maintain(&mut self, now: Instant);

    /// How long until the next maintenance, if any is pending.
    fn maintenance(&self) -> Option<Duration>;
}
