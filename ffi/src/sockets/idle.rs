//! The idle sockets of one address family: a stack that tracks which sockets were not needed recently.

use crate::keys::ProbeKey;

/// A stack of idle sockets. Last in, first out, because the memory of the socket used last is most likely in a cache.
#[derive(Default)]
pub(super) struct Idle {
    stack: Vec<ProbeKey>,
    /// The number of sockets at the bottom that have not been used since [`Self::age`].
    unused: usize,
    /// The number of these that were not used in the previous interval either, and will be closed.
    spare: usize,
}

impl Idle {
    pub fn len(&self) -> usize {
        self.stack.len()
    }

    pub fn push(&mut self, key: ProbeKey) {
        self.stack.push(key);
    }

    pub fn pop(&mut self) -> Option<ProbeKey> {
        let key = self.stack.pop();
        self.unused = self.unused.min(self.stack.len());
        self.spare = self.spare.min(self.stack.len());
        key
    }

    /// Starts another interval.
    pub fn age(&mut self) {
        self.spare = self.unused;
        self.unused = self.stack.len();
    }

    /// Whether sockets are due to be closed.
    pub fn has_spare(&self) -> bool {
        self.spare > 0
    }

    /// Removes and returns up to `most` sockets that are due to be closed.
    pub fn take_spare(&mut self, most: usize) -> impl Iterator<Item = ProbeKey> {
        let count = self.spare.min(most);
        self.spare -= count;
        self.unused -= count;
        self.stack.drain(..count)
    }
}
