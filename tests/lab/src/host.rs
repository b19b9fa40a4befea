//! What the other end of a handshake knows of it.

use crate::scenario::Rule;

/// The state of one handshake.
pub struct Handshake {
    /// The sequence number of our SYN: another one is another handshake.
    pub client_sequence: u32,
    /// The one that the host answers with.
    pub host_sequence: u32,
    /// SYNs so far.
    pub syns: u32,
    /// RSTs so far.
    resets: u32,
    /// It has been reset or acknowledged: nothing is to be sent again.
    pub is_over: bool,
}

impl Handshake {
    pub fn new(client_sequence: u32, host_sequence: u32) -> Self {
        Self { client_sequence, host_sequence, syns: 0, resets: 0, is_over: false }
    }

    /// Counts a SYN. Returns whether it arrives.
    pub fn on_syn(&mut self, rule: &Rule) -> bool {
        self.syns += 1;
        !rule.lose_syns.contains(&self.syns)
    }

    /// Counts a RST. Returns whether it arrives.
    pub fn on_reset(&mut self, rule: &Rule) -> bool {
        self.resets += 1;
        self.resets > rule.lose_resets
    }
}
