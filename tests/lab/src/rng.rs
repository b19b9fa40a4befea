//! The random number generator for packet loss.

use std::hash::BuildHasher;
use std::net::SocketAddr;

use fastrand::Rng;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::log::Side;

/// A seeded generator with a separate stream for each host, port, direction and kind of packet. So whether the n-th packet
/// of a stream is lost depends only on the seed, not on the order of other packets.
pub struct LossRng {
    seed: u64,
    packets: FxHashMap<Series, u32>,
}

/// A stream: the packets of a kind to or from a port of a host.
type Series = (SocketAddr, Side, &'static str);

impl LossRng {
    pub fn new(seed: u64) -> Self {
        Self { seed, packets: FxHashMap::default() }
    }

    /// Draws whether the next packet of a stream is lost, with probability `share`.
    pub fn draw_loss(&mut self, host: SocketAddr, from: Side, kind: &'static str, share: f64) -> bool {
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
    fn the_loss_rate_is_right_and_independent_of_order() {
        let hosts: Vec<SocketAddr> = (0..=255).map(|host| ([198, 18, 0, host], 80).into()).collect();
        let kinds = [(Side::Client, "SYN"), (Side::Host, "SYN-ACK")];
        let lost = |host, (side, kind)| {
            let mut rng = LossRng::new(7);
            (0..100).map(move |_| rng.draw_loss(host, side, kind, 0.1)).collect::<Vec<_>>()
        };
        let alone: Vec<_> = hosts.iter().map(|&host| kinds.map(|series| lost(host, series))).collect();
        let mut together = LossRng::new(7);
        let mut all = 0;
        for number in 0..100 {
            for (&host, alone) in hosts.iter().zip(&alone).rev() {
                for ((side, kind), alone) in kinds.into_iter().zip(alone) {
                    let is_lost = together.draw_loss(host, side, kind, 0.1);
                    assert_eq!(is_lost, alone[number]);
                    all += u32::from(is_lost);
                }
            }
        }
        assert!((4900..5340).contains(&all), "{all} of 51,200");
        // The streams of hosts and of directions differ.
        assert_ne!(lost(hosts[0], kinds[0]), lost(hosts[1], kinds[0]));
        assert_ne!(lost(hosts[0], kinds[0]), lost(hosts[0], kinds[1]));
    }
}
