//! How probes are made: what the reactor, which knows checks and their time, asks of whoever sends and hears.

use std::net::SocketAddr;
use std::time::Duration;

use rustix::io::Errno;

use crate::address::CompactAddr;
use crate::instant::Instant;
use crate::keys::{CheckKey, ProbeKey};
use crate::poller::{Poller, Ready};
use crate::probe::Verdict;
use crate::probe_socket::ProbeSocket;

/// A probe under way.
#[derive(Clone, Copy)]
pub struct Probe {
    pub check: CheckKey,
    pub address: SocketAddr,
}

/// A probe as tables keep it.
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

/// Why a probe can't be started now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NotStarted {
    /// The window is full: there will be room when a probe ends.
    Window,
    /// The system has no more descriptors or memory for us, whatever the target.
    Exhausted(Errno),
    /// Our own probes have all the ports that lead to this target.
    NoPort,
    /// There have been as many as there may be, for so long.
    TooSoon(Duration),
    /// Something that waiting won't mend.
    Failed(Errno),
}

impl NotStarted {
    /// What it means that the system refuses something without which there is no probe.
    pub fn of(errno: Errno) -> Self {
        match errno {
            Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM | Errno::NOSPC => Self::Exhausted(errno),
            _ => Self::Failed(errno),
        }
    }
}

/// What has become of a SYN that could not be sent at once: it has left, and was refused since then; or it never will.
pub type BlockedSend = Result<Instant, Errno>;

/// What has become of a probe that was looked after.
pub enum TimerOutcome {
    /// It goes on: under which key, and when it wants to be looked after again.
    GoesOn { key: ProbeKey, timer: Option<Instant> },
    /// It is over.
    Over(Verdict),
}

/// How a probe ended.
#[derive(Clone, Copy)]
pub struct Ended {
    /// When its RST was out.
    pub at: Instant,
    /// Whether an ACK may have left before.
    pub acknowledged: bool,
}

/// Makes the probes of an engine.
pub trait Transport {
    /// Sends a SYN, now or with the next [`Self::flush`].
    fn start(&mut self, poller: &Poller, probe: Probe, half_open: bool) -> Result<ProbeKey, NotStarted>;

    /// Whether there may be a rate for probes of an address, so that one of them may be too soon.
    fn may_be_too_soon(&self, _address: &SocketAddr) -> bool {
        false
    }

    /// Goes on with a half-open probe whose SYN a socket has sent already. By default, and where that can't be, the socket is
    /// closed, the probe is still to be started, and the error is whether an ACK may have left.
    fn adopt(&mut self, _poller: &Poller, socket: ProbeSocket, _probe: Probe) -> Result<ProbeKey, bool> {
        Err(socket.abort())
    }

    /// Sends what was put off. A SYN for which the system has no room is sent when there is some; what is told is what has
    /// become of those.
    fn flush(&mut self, _departures: &mut Vec<(ProbeKey, BlockedSend)>) {}

    /// Since when there has been no room for a probe's first SYN, while that has not left.
    fn blocked_since(&self, _key: ProbeKey) -> Option<Instant> {
        None
    }

    /// How many probes are under way.
    fn in_flight(&self) -> usize;

    /// The probe with a key; none when it has ended.
    fn probe(&self, key: ProbeKey) -> Option<Probe>;

    /// SYNs sent again for a probe that is under way.
    fn retransmits(&self, key: ProbeKey) -> u32;

    /// Reads what an event means, for one probe or many. Those that have ended since may be among them.
    fn on_event(&mut self, event: Ready, found: &mut Vec<(ProbeKey, Verdict)>);

    /// Reads what has come by now, where that is not asked for each probe.
    fn catch_up(&mut self, _found: &mut Vec<(ProbeKey, Verdict)>) {}

    /// What has become of a probe by now: an answer may have come, and its event not been read yet.
    ///
    /// Its check ends at `deadline`, and may be told of that late: an answer counts whenever it came, but silence is judged by
    /// the time that there was until then.
    fn verdict(&self, key: ProbeKey, deadline: Instant) -> Verdict;

    /// Ends a probe, with what has become of it. If the port is up this sends the RST, where the kernel has not.
    fn end(&mut self, key: ProbeKey, verdict: Verdict) -> Ended;

    /// Ends a probe without a verdict. Returns whether an ACK may have left.
    fn cancel(&mut self, key: ProbeKey) -> bool;

    /// When a probe that was started wants to be looked after for the first time. Its check ends at `deadline`.
    fn first_timer(&self, key: ProbeKey, started: Instant, deadline: Instant) -> Option<Instant>;

    /// Looks after a probe whose time for it has come.
    fn on_timer(&mut self, poller: &Poller, key: ProbeKey, deadline: Instant) -> TimerOutcome;

    /// Does what is no probe's in particular; gives back what was not needed for a while.
    fn maintain(&mut self, now: Instant);

    /// When there is more of that to do, if there is.
    fn maintenance(&self) -> Option<Duration>;
}
