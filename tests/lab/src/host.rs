//! The state of a simulated host: its clients, and their handshakes.

use std::time::Instant;

use fastrand::Rng;

use crate::scenario::Rule;

/// The SYNs to a port of a host, from any source port.
#[derive(Clone, Copy)]
pub struct Asked {
    pub first: Instant,
    pub syns: u32,
}

/// The state of the handshake between two ends; of the last one, if there were more.
#[derive(Clone, Copy, Default)]
pub struct Handshake {
    /// The sequence number of our SYN: another one is another handshake.
    pub client_sequence: u32,
    /// The one that the host answers with.
    pub host_sequence: u32,
    /// SYNs so far.
    pub syns: u32,
    /// RSTs so far.
    resets: u32,
    /// It has been reset or acknowledged: nothing is retransmitted.
    pub is_over: bool,
}

impl Handshake {
    /// Counts a SYN.
    pub fn on_syn(&mut self, sequence: u32, rng: &mut Rng) {
        if self.syns == 0 || self.client_sequence != sequence {
            *self = Self { client_sequence: sequence, host_sequence: rng.u32(..), ..Self::default() };
        }
        self.syns += 1;
    }

    /// Counts a RST. Returns whether it arrives.
    pub fn on_reset(&mut self, rule: &Rule) -> bool {
        self.resets += 1;
        self.resets > rule.lose_resets
    }
}
