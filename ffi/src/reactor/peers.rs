//! The threads of an engine, as one of them sees the others.

use std::hash::BuildHasher;
use std::net::SocketAddr;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use crate::address::wire_address;
use crate::reactor::mailbox::Mailbox;

/// The mailboxes of all threads of an engine, and which of them is the thread's own.
#[derive(Clone)]
pub struct Peers {
    mailboxes: Arc<[Arc<Mailbox>]>,
    own: usize,
}

impl Peers {
    /// The peers of each thread, in the order of their mailboxes.
    pub fn of_all(mailboxes: &Arc<[Arc<Mailbox>]>) -> impl Iterator<Item = Self> {
        (0..mailboxes.len()).map(|own| Self { mailboxes: Arc::clone(mailboxes), own })
    }

    /// The mailbox of the thread itself.
    pub fn own(&self) -> &Arc<Mailbox> {
        &self.mailboxes[self.own]
    }

    /// The mailbox of an address's home thread; `None` if that is the thread itself.
    pub fn home_of(&self, address: &SocketAddr) -> Option<&Mailbox> {
        let home = home(address, self.mailboxes.len());
        (home != self.own).then(|| &*self.mailboxes[home])
    }
}

/// The home thread of an address: the one that waits for a local port to it. It depends on the address in canonical form
/// alone, because the kernel chooses ports by that.
pub fn home(address: &SocketAddr, threads: usize) -> usize {
    FxBuildHasher.hash_one(wire_address(address)) as usize % threads
}

#[cfg(test)]
mod tests {
    use super::home;

    #[test]
    fn all_forms_of_an_address_have_one_home_and_all_threads_are_homes() {
        let home_of = |text: &str| home(&text.parse().unwrap(), 3);
        assert_eq!(home_of("[::ffff:192.0.2.1]:1"), home_of("192.0.2.1:1"));
        assert_eq!(home_of("0.0.0.0:1"), home_of("127.0.0.1:1"));
        let mut counts = [0; 3];
        for host in 0..=255 {
            counts[home(&([192, 0, 2, host], 80).into(), 3)] += 1;
        }
        assert!(counts.iter().all(|count| *count > 50), "{counts:?}");
    }
}
