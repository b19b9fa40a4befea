//! The rate limit of an engine: the SYNs that it applies to, and the tokens of probes.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::in_flight::InFlightProbe;
use super::rate::Rate;
use super::routes::leave_this_host;
use crate::address::wire_address;
use crate::instant::Instant;

/// The token bucket, which all threads of the engine share; `None` without a limit. Traffic within this host is not
/// limited.
pub struct RateLimit(Option<Arc<Rate>>);

impl RateLimit {
    pub fn new(rate: Option<Arc<Rate>>) -> Self {
        Self(rate)
    }

    /// Whether a SYN to an address may have to wait.
    pub fn may_hold(&self, address: &SocketAddr) -> bool {
        self.0.is_some() && !wire_address(address).ip().is_loopback()
    }

    /// The time until a SYN may be sent; `None` if it may be sent now. Without a source, no SYN is sent.
    pub fn wait(&self, source: Option<IpAddr>, target: &SocketAddr, now: Instant) -> Option<Duration> {
        self.bucket(source?, target)?.wait(now)
    }

    /// Takes a token for a probe's next SYN, unless the probe has reserved one.
    pub fn spend(&self, source: IpAddr, probe: &mut InFlightProbe) {
        if !std::mem::take(&mut probe.reserved)
            && let Some(bucket) = self.bucket(source, &probe.target())
        {
            bucket.spend();
        }
    }

    /// Returns the token of a SYN that was not sent.
    pub fn refund(&self, source: IpAddr, target: &SocketAddr) {
        if let Some(bucket) = self.bucket(source, target) {
            bucket.refund();
        }
    }

    /// Reserves a token for a probe's retransmission, unless the probe has one, because retransmissions have priority over
    /// first SYNs. Returns the time until the token is due, if it is due within `within`.
    pub fn reserve(
        &self,
        source: Option<IpAddr>,
        probe: &mut InFlightProbe,
        now: Instant,
        within: Duration,
    ) -> Option<Duration> {
        let bucket = source.and_then(|source| self.bucket(source, &probe.target()));
        let Some(bucket) = bucket.filter(|_| !probe.reserved) else { return Some(Duration::ZERO) };
        let wait = bucket.reserve(now, within)?;
        probe.reserved = true;
        Some(wait)
    }

    /// The bucket for packets to a target, if the target is another host.
    fn bucket(&self, source: IpAddr, target: &SocketAddr) -> Option<&Rate> {
        self.0.as_deref().filter(|_| leave_this_host(source, target.ip()))
    }
}
