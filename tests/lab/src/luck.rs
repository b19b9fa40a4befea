//! Which packets get lost where any may be.

use std::hash::BuildHasher;
use std::net::SocketAddr;

use fastrand::Rng;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::log::Side;

/// The luck of packets, which is each one's own: that of the n-th of a kind that a port of a host sends or gets is the same
/// in each run with the same seed, whatever else comes by meanwhile, and however fast.
pub struct Luck {
    seed: u64,
    packets: FxHashMap<Series, u32>,
}

/// Packets of a kind, to a port of a host or from it.
type Series = (SocketAddr, Side, &'static str);

impl Luck {
    pub fn new(seed: u64) -> Self {
        Self { seed, packets: FxHashMap::default() }
    }

    /// Whether the next one gets lost, if this share of them does.
    pub fn runs_out(&mut self, host: SocketAddr, from: Side, kind: &'static str, share: f64) -> bool {
        if share == 0.0 {
            return false;
        }
        let series = (host, from, kind);
        let number = self.packets.entry(series).or_default();
        *number += 1;
        Rng::with_seed(FxBuildHasher.hash_one((self.seed, series, *number))).f64() < share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_lost_as_should_be_and_the_same_in_any_order() {
        let hosts: Vec<SocketAddr> = (0..=255).map(|host| ([198, 18, 0, host], 80).into()).collect();
        let kinds = [(Side::Client, "SYN"), (Side::Host, "SYN-ACK")];
        let lost = |host, (side, kind)| {
            let mut luck = Luck::new(7);
            (0..100).map(move |_| luck.runs_out(host, side, kind, 0.1)).collect::<Vec<_>>()
        };
        let mut together = Luck::new(7);
        let mut all = 0;
        for number in 0..100 {
            for &host in hosts.iter().rev() {
                for series @ (side, kind) in kinds {
                    let is_lost = together.runs_out(host, side, kind, 0.1);
                    assert_eq!(is_lost, lost(host, series)[number]);
                    all += u32::from(is_lost);
                }
            }
        }
        assert!((4900..5340).contains(&all), "{all} of 51,200");
        // None of it is another host's, or the other side's.
        assert_ne!(lost(hosts[0], kinds[0]), lost(hosts[1], kinds[0]));
        assert_ne!(lost(hosts[0], kinds[0]), lost(hosts[0], kinds[1]));
    }
}
