//! Load balancing of requests over the threads of an engine.
//!
//! A check of an address goes to the thread with the fewest checks, with two exceptions:
//!
//! - Checks of names go to the first thread, so that checks of one name share a lookup, and the limits on lookups hold
//!   for the engine.
//! - A check that waits for a local port is woken only by the end of a probe of the same address in the same thread. So
//!   checks beyond a quarter of the port range go to the home threads of their addresses ([`home`]), and a check that
//!   finds no port in another thread moves to its home thread. The other threads hold at most a quarter of the ports, so
//!   if no port is free, the home thread holds some, and wakes the check when it frees one.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::local_ports;
use crate::reactor::mailbox::{Mailbox, SentBefore};
use crate::reactor::thread_mailboxes::home;
use crate::record::{Host, requests, slices};

/// A load balancer, with one batch under construction per thread.
pub struct LoadBalancer {
    parts: Vec<Part>,
    /// While fewer checks than this are pending, an address may go to any thread.
    limit: usize,
}

#[derive(Default)]
struct Part {
    batch: Vec<u8>,
    checks: usize,
    /// The number of the thread's checks, including the batch.
    load: usize,
}

/// The number of pending checks up to which the socket engine spreads the checks of one address over its threads: a
/// quarter of the local ports; 0 if their number is unknown.
pub fn limit_of_ports() -> usize {
    local_ports::count().unwrap_or(0) / 4
}

impl LoadBalancer {
    pub fn new(threads: usize, limit: usize) -> Self {
        Self { parts: (0..threads).map(|_| Part::default()).collect(), limit }
    }

    /// Posts the requests of a batch to the mailboxes of the threads. `sent` counts SYNs already sent for the batch.
    pub fn post(&mut self, batch: &[u8], sent: SentBefore, mailboxes: &[Arc<Mailbox>]) {
        if let [only] = mailboxes {
            return only.post_checks(slices(batch).count(), |mail| mail.add(batch, sent));
        }
        for (part, mailbox) in self.parts.iter_mut().zip(mailboxes) {
            part.load = mailbox.load();
        }
        for request in slices(batch) {
            let thread = self.thread_of(request);
            let part = &mut self.parts[thread];
            part.batch.extend_from_slice(request);
            part.checks += 1;
            part.load += 1;
        }
        for (part, mailbox) in self.parts.iter_mut().zip(mailboxes) {
            if part.checks > 0 {
                mailbox.post_checks(std::mem::take(&mut part.checks), |mail| mail.add(&part.batch, sent));
                part.batch.clear();
            }
        }
    }

    fn thread_of(&self, request: &[u8]) -> usize {
        let Some(address) = address_of(request) else { return 0 };
        if self.parts.iter().map(|part| part.load).sum::<usize>() >= self.limit {
            return home(&address, self.parts.len());
        }
        let loads = self.parts.iter().enumerate();
        loads.min_by_key(|(_, part)| part.load).map_or(0, |(thread, _)| thread)
    }
}

/// The address of a request; `None` for a name, several addresses and a malformed request.
fn address_of(request: &[u8]) -> Option<SocketAddr> {
    let request = requests(request).next()?.ok()?;
    let Host::Address(address) = request.host else { return None };
    address.decode(request.port).ok()
}

// Miri has no sockets.
#[cfg(all(test, not(miri)))]
mod tests {
    use super::*;
    use crate::reactor::mailbox::Mail;
    use crate::record::{AddressRecord, Request, Resolve};
    use crate::sys::poller::Poller;

    /// Posts checks of hosts, and returns the ids that each thread got.
    fn spread(limit: usize, loads: &[usize], hosts: &[Host<'_>]) -> Vec<Vec<u32>> {
        let mailboxes: Vec<_> = loads.iter().map(|_| Arc::new(Mailbox::new(Poller::new().unwrap().1))).collect();
        for (mailbox, load) in mailboxes.iter().zip(loads) {
            mailbox.correct_load(0, *load);
        }
        let mut batch = Vec::new();
        for (id, &host) in (0..).zip(hosts) {
            let timeout = std::time::Duration::from_secs(1);
            let (family, resolve) = (None, Resolve::Any);
            Request { id, host, port: 80, timeout, queue_timeout: None, family, resolve, zero_linger: true }
                .encode(&mut batch);
        }
        LoadBalancer::new(loads.len(), limit).post(&batch, SentBefore::default(), &mailboxes);
        let taken = mailboxes.iter().zip(loads).map(|(mailbox, before)| {
            let mut mail = Mail::default();
            mailbox.take(&mut mail);
            assert_eq!(mailbox.load(), before + mail.checks);
            let ids: Vec<_> =
                mail.batches().flat_map(|(batch, _)| requests(batch)).map(|request| request.unwrap().id).collect();
            assert_eq!(ids.len(), mail.checks);
            ids
        });
        taken.collect()
    }

    #[test]
    fn addresses_go_to_the_thread_with_the_fewest_checks() {
        let hosts = [Host::from("192.0.2.1"); 7];
        assert_eq!(spread(100, &[0, 0], &hosts), [vec![0, 2, 4, 6], vec![1, 3, 5]]);
        assert_eq!(spread(100, &[5, 1, 4], &hosts), [vec![5], vec![0, 1, 2, 3, 6], vec![4]]);
    }

    #[test]
    fn names_and_lists_go_to_the_first_thread() {
        let list = ["192.0.2.1", "192.0.2.2"].map(|address| AddressRecord::parse(address).unwrap());
        let hosts = ["localhost".into(), "192.0.2.1".into(), "a.example".into(), Host::Addresses(&list)];
        assert_eq!(spread(100, &[5, 5], &hosts), [vec![0, 2, 3], vec![1]]);
    }

    #[test]
    fn addresses_beyond_the_limit_go_to_their_homes() {
        let hosts = [Host::from("192.0.2.1"); 6];
        let at_home = home(&([192, 0, 2, 1], 80).into(), 2);
        let mut expected = vec![vec![], vec![]];
        for (id, thread) in [0, 1, 0, at_home, at_home, at_home].into_iter().enumerate() {
            expected[thread].push(id as u32);
        }
        assert_eq!(spread(3, &[0, 0], &hosts), expected);
    }
}
