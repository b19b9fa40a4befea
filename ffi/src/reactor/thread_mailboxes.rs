//! The mailboxes of the threads of an engine, from the view of one of them.

use std::hash::BuildHasher;
use std::net::SocketAddr;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use crate::address::wire_address;
use crate::reactor::mailbox::Mailbox;

/// The mailboxes of all threads of an engine, and the index of the thread's own.
#[derive(Clone)]
pub struct ThreadMailboxes {
    mailboxes: Arc<[Arc<Mailbox>]>,
    own: usize,
}

impl ThreadMailboxes {
    /// The value for each thread, in the order of the mailboxes.
    pub fn of_all(mailboxes: &Arc<[Arc<Mailbox>]>) -> impl Iterator<Item = Self> {
        (0..mailboxes.len()).map(|own| Self { mailboxes: Arc::clone(mailboxes), own })
    }

    /// The mailbox of the thread itself.
    pub fn own(&self) -> &Arc<Mailbox> {
        &self.mailboxes[self.own]
    }

    /// The mailbox of an address's home thread; `None` if this thread is its home.
    pub fn home_of(&self, address: &SocketAddr) -> Option<&Mailbox> {
        let home = home(address, self.mailboxes.len());
        (home != self.own).then(|| &*self.mailboxes[home])
    }
}

/// The home thread of an address, in which checks wait for a local port to the address: a hash of its canonical form,
/// by which the kernel chooses ports.
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
