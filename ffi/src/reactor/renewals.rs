//! A socket sends one SYN. Before the kernel sends it again, another socket takes its place.
//!
//! Two SYNs of one socket may be answered together: by a host that was asleep, or busy, when they came, or by one whose
//! SYN-ACK got lost and which sends it again when the kernel here does the same, 1 s after the first SYN. The first
//! SYN-ACK establishes the connection, and to the second the kernel answers at once with an ACK (RFC 5961, section 4.2),
//! which `TCP_DEFER_ACCEPT` does not hold back. What comes for a socket that is no more is answered with a RST.
//!
//! It is done once for each probe: were it done every second, then a host that takes longer to answer would never be
//! heard. The second socket is left to the kernel, which sends its SYN again as it does for every connection.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::Reactor;
use crate::check::Check;
use crate::keys::{CheckKey, SocketKey};
use crate::probe::{self, Verdict};
use crate::sockets::Probe;
use crate::sys;

/// When the kernel sends a SYN again (`TCP_TIMEOUT_INIT`). As it counts in jiffies, this may be one early: 10 ms.
pub(super) const SYN_AGAIN: Duration = Duration::from_secs(1);

/// The age at which a socket is replaced: before that, with time left for thousands of others.
pub(super) const LIFETIME: Duration = Duration::from_millis(900);

/// When to renew a probe that starts now; never, if its check ends before the kernel sends the SYN again.
pub(super) fn renewal(check: &Check, now: Instant) -> Option<Instant> {
    let outlives = |deadline| deadline > now + SYN_AGAIN;
    (check.half_open && check.clock.deadline().is_some_and(outlives)).then_some(now + LIFETIME)
}

impl Reactor<'_> {
    /// Looks after a probe whose socket has come of age: starts it anew from another one, or gives it up.
    pub(super) fn renew(&mut self, key: CheckKey, old: SocketKey) {
        let Some(Probe { address, .. }) = self.sockets.probe(old) else { return };
        // Its answer may have come, and the event not been read yet.
        match probe::verdict(self.sockets.fd(old), true) {
            Verdict::Pending => {}
            verdict => return self.on_verdict(key, old, &address, verdict),
        }
        let Some(retries) = self.retries else {
            self.replace(key, old, address);
            return;
        };
        let sent_again = self.sent_again(key, old);
        if retries.are_spent(sent_again) {
            return self.give_up(key, old, &address);
        }
        let now = Instant::now();
        let is_first = self.checks[key].half_open && sent_again == 0;
        let (socket, end) = match is_first.then(|| self.replace(key, old, address)).flatten() {
            Some(fresh) => (fresh, retries.end(&self.checks[key], sent_again + 1, now)),
            // The kernel sends at most one more in the meantime.
            None => (old, Some(now + LIFETIME)),
        };
        if let Some(probe) = self.checks[key].probes.iter_mut().find(|probe| probe.socket == socket)
            && let Some(end) = end
        {
            probe.renewal = Some(end);
            self.deadlines.set(end, key);
        }
    }

    /// Lets another socket go on with a probe. Where there is none to be had, or no port, the old one does.
    fn replace(&mut self, key: CheckKey, old: SocketKey, address: SocketAddr) -> Option<SocketKey> {
        // While the old one is open the kernel gives its port to no other: the host sees a handshake of its own.
        let fresh = self.sockets.lend_new(&self.poller, Probe { check: key, address }, true).ok()?;
        if sys::connect(self.sockets.fd(fresh), &address).is_err() {
            self.sockets.close(fresh);
            return None;
        }
        let sent = 1 + probe::retransmits(self.sockets.fd(old));
        self.sockets.close(old);
        let probe = self.checks[key].probes.iter_mut().find(|probe| probe.socket == old)?;
        probe.socket = fresh;
        probe.resent += sent;
        Some(fresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Target;
    use crate::record::{Request, Resolve};

    fn renewed_after(timeout: u64, zero_linger: bool) -> Option<Duration> {
        let timeout = Duration::from_millis(timeout);
        let request = Request { id: 1, host: "", port: 1, timeout, family: None, resolve: Resolve::Any, zero_linger };
        let mut check = Check::new(&request, Target::Address(([192, 0, 2, 1], 1).into()));
        let now = Instant::now();
        check.clock.start(now);
        renewal(&check, now).map(|at| at - now)
    }

    #[test]
    fn checks_that_end_before_the_second_syn_are_spared_a_renewal() {
        assert_eq!([1, 999, 1000].map(|timeout| renewed_after(timeout, true)), [None; 3]);
        assert_eq!([1001, 60_000].map(|timeout| renewed_after(timeout, true)), [Some(LIFETIME); 2]);
        // A whole handshake has nothing to hide.
        assert_eq!(renewed_after(60_000, false), None);
    }
}
