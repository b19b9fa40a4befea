//! The names of things that live in tables.

use slotmap::{Key, KeyData, new_key_type};

new_key_type! {
    /// Names a check within its engine.
    pub struct CheckKey;

    /// Names a probe, or the socket that it has or will have, and is its epoll key. A key is never used again for another
    /// socket, so an event that was already on its way when its socket was closed finds nobody.
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
