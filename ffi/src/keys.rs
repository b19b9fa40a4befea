//! The keys of the engine's tables.

use slotmap::{Key, KeyData, new_key_type};

new_key_type! {
    /// The key of a check in its engine.
    pub struct CheckKey;

    /// The key of a probe and of its socket, also in epoll. A key is never reused, so a stale event of a closed socket
    /// matches no probe.
    pub struct ProbeKey;
}

impl ProbeKey {
    pub fn to_epoll(self) -> u64 {
        self.data().as_ffi()
    }

    pub fn from_epoll(key: u64) -> Self {
        KeyData::from_ffi(key).into()
    }
}
