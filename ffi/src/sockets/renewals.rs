//! Socket renewal: before the kernel retransmits a socket's first SYN, another socket replaces the first.
//!
//! A host may answer two SYNs of one socket at the same time: if it was asleep or busy, or if its first SYN-ACK was lost
//! and both hosts retransmit 1 s after the first SYN. The first SYN-ACK establishes the connection, and the kernel answers
//! the second at once with an ACK (RFC 5961, section 4.2), which `TCP_DEFER_ACCEPT` does not delay. A SYN-ACK for a closed
//! socket draws a RST instead.
//!
//! Each probe is renewed only once: with a renewal every second, the answer of a slower host would always come too late.
//! The kernel retransmits the second socket's SYN as usual.

use std::time::Duration;

use super::Sockets;
use crate::instant::Instant;
use crate::keys::ProbeKey;
use crate::sys::poller::Poller;
use crate::transport::{SYN_AGAIN, TimerOutcome, Verdict};

/// The age at which a socket is replaced: early enough to replace thousands of sockets before the retransmission.
pub(super) const RENEWAL_AGE: Duration = Duration::from_millis(900);

const _: () = assert!(RENEWAL_AGE.as_nanos() < SYN_AGAIN.as_nanos(), "a renewal must precede the retransmission");

/// When to renew a probe that starts now; `None` if its check ends before the kernel retransmits the SYN.
pub(super) fn renewal(half_open: bool, deadline: Instant, now: Instant) -> Option<Instant> {
    (half_open && deadline > now + SYN_AGAIN).then_some(now + RENEWAL_AGE)
}

impl Sockets {
    /// Renews a probe whose socket has reached [`RENEWAL_AGE`], or gives it up.
    pub(super) fn renew(&mut self, poller: &Poller, old: ProbeKey, deadline: Instant) -> TimerOutcome {
        let Some(retries) = self.retries else {
            return TimerOutcome::GoesOn { key: self.replace(poller, old).unwrap_or(old), timer: None };
        };
        let sent_again = self.pool[old].retransmits();
        if retries.are_spent(sent_again) {
            return TimerOutcome::Over(Verdict::Silent);
        }
        let now = Instant::now();
        let is_first = self.pool[old].socket.is_half_open() && sent_again == 0;
        match is_first.then(|| self.replace(poller, old)).flatten() {
            Some(key) => TimerOutcome::GoesOn { key, timer: retries.end(deadline, sent_again + 1, now) },
            // The kernel sends at most one more SYN in the meantime.
            None => TimerOutcome::GoesOn { key: old, timer: Some(now + RENEWAL_AGE) },
        }
    }

    /// Replaces the socket of a probe. Returns `None`, and keeps the old socket, without a new socket or port.
    fn replace(&mut self, poller: &Poller, old: ProbeKey) -> Option<ProbeKey> {
        let probe = self.pool.probe(old)?;
        // The new socket gets another port, because the old one is still open, so the target sees a separate handshake.
        let fresh = self.pool.lend_new(poller, probe, true).ok()?;
        self.pool.connect(fresh, &probe.address).ok()?;
        self.pool[fresh].resent = self.pool[old].retransmits() as u16 + 1;
        self.pool[fresh].acknowledged = self.pool.abort(old).acknowledged;
        Some(fresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renewed_after(timeout: u64, half_open: bool) -> Option<Duration> {
        let now = Instant::now();
        renewal(half_open, now + Duration::from_millis(timeout), now).map(|at| at.since(now))
    }

    #[test]
    fn checks_that_end_before_the_second_syn_have_no_renewal() {
        assert_eq!([1, 999, 1000].map(|timeout| renewed_after(timeout, true)), [None; 3]);
        assert_eq!([1001, 60_000].map(|timeout| renewed_after(timeout, true)), [Some(RENEWAL_AGE); 2]);
        // A full handshake always sends its ACK.
        assert_eq!(renewed_after(60_000, false), None);
    }
}
