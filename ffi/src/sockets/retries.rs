//! The limit of SYN retransmissions to an address that doesn't answer.
//!
//! The kernel's own limit (`TCP_SYNCNT`) is unsuitable: it can't be 0, Linux 6.5 and later add `tcp_syn_linear_timeouts`
//! to it, and it does not count the SYN of the socket before a renewal. So the engine gives up a probe shortly before the
//! kernel would exceed the limit; until then an answer to any SYN counts.
//!
//! The times are the kernel's, as of the engine's start. If a SYN-ACK acknowledges a wrong number (RFC 9293, 3.10.7.3: the
//! host remembers an earlier connection), the kernel sends a RST and another SYN at once, which is not counted here.

use std::time::Duration;

use super::renewals::RENEWAL_AGE;
use crate::instant::Instant;
use crate::transport::SYN_AGAIN;

/// The limit, and the kernel's settings that determine its time.
#[derive(Clone, Copy)]
pub(super) struct Retries {
    limit: u32,
    /// The number of retransmissions after which the timeout begins to double (`tcp_syn_linear_timeouts`).
    linear: u32,
    /// The longest timeout (`tcp_rto_max_ms`).
    longest: Duration,
}

/// `TCP_RTO_MAX`.
const LONGEST: Duration = Duration::from_secs(120);

impl Retries {
    pub(super) fn new(limit: u8) -> Self {
        // Kernels before 6.5 lack the first setting, kernels before 6.15 the second.
        let linear = sysctl("tcp_syn_linear_timeouts").unwrap_or(0);
        let longest = sysctl("tcp_rto_max_ms").map_or(LONGEST, |ms| Duration::from_millis(ms.into()));
        Self { limit: limit.into(), linear, longest }
    }

    /// Whether no further SYN may be sent.
    pub(super) fn are_spent(self, sent_again: u32) -> bool {
        sent_again >= self.limit
    }

    /// When to give up a socket that starts now, and whose SYN is the `sent_again`-th retransmission; `None` if its check
    /// ends earlier.
    pub(super) fn end(self, deadline: Instant, sent_again: u32, now: Instant) -> Option<Instant> {
        let excess = self.until_excess(self.limit.saturating_sub(sent_again));
        let end = now + excess - (SYN_AGAIN - RENEWAL_AGE);
        (deadline > now + excess).then_some(end)
    }

    /// The time from a socket's SYN to its retransmission number `left + 1` by the kernel (`tcp_retransmit_timer`).
    fn until_excess(self, left: u32) -> Duration {
        let doubled = |times: u32| SYN_AGAIN.saturating_mul(1 << times.min(7));
        let wait = |sent: u32| doubled(sent.saturating_sub(self.linear)).min(self.longest);
        (0..=left).map(wait).sum()
    }
}

fn sysctl(name: &str) -> Option<u32> {
    std::fs::read_to_string(format!("/proc/sys/net/ipv4/{name}")).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds_until_excess(linear: u32, longest: u64) -> [u64; 9] {
        let retries = Retries { limit: 0, linear, longest: Duration::from_secs(longest) };
        [0, 1, 2, 3, 4, 5, 6, 7, 8].map(|left| retries.until_excess(left).as_secs())
    }

    #[test]
    fn timeouts_double_after_the_linear_ones_up_to_the_longest() {
        assert_eq!(seconds_until_excess(0, 120), [1, 3, 7, 15, 31, 63, 127, 247, 367]);
        assert_eq!(seconds_until_excess(4, 120), [1, 2, 3, 4, 5, 7, 11, 19, 35]);
        assert_eq!(seconds_until_excess(0, 1), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(seconds_until_excess(4, 3), [1, 2, 3, 4, 5, 7, 10, 13, 16]);
    }
}
