//! The event loop of the engine thread. It owns every socket and timer, and blocks in epoll only: not even on a lock.

pub mod checks;
mod lookup_queue;
mod lookups;
pub mod mailbox;
pub mod outbox;
mod outcomes;
pub mod peers;
mod port_waiters;
mod probes;
pub mod resolver;
mod shares;
mod stagger;
mod work_queue;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use rustix::io::{self, Errno};

use crate::config::Config;
use crate::reactor::checks::{Check, CheckTable, Name, Target};

use crate::instant::Instant;
use crate::keys::CheckKey;
use crate::reactor::mailbox::{Mail, Mailbox, SentBefore};
use crate::reactor::outbox::Outbox;
use crate::reactor::peers::Peers;
use crate::reactor::resolver::{EAI_ADDRFAMILY, Question, Resolver};
use crate::record::{AddressRecord, Family, Host, Malformed, Request, ResultRecord, requests};
use crate::status::Status;
use crate::sys::poller::{Events, Poller};
use crate::transport::{ProbeEvents, Transport};
use lookup_queue::LookupQueue;
use port_waiters::PortWaiters;
use probes::{KEPT_QUEUE_ENTRIES, PASS_DURATION, Queue};

/// The most deadlines handled, or checks given a lookup's result, in one pass; they take a few ms. Events must be read
/// within 200 ms (`TCP_DELACK_MAX`) of the SYN-ACK, whatever else there is to do.
const ENTRIES_PER_PASS: usize = 256;

/// The initial capacity of the tables, in checks. It costs nothing, because the system maps blocks of this size page by
/// page, as they are used. Growing a table to it would leave freed blocks in the heap.
const INITIAL_CHECKS: usize = 10_000;

pub struct Reactor<'a> {
    /// The engine's number, for its results.
    number: u32,
    config: Config,
    mailbox: &'a Mailbox,
    peers: &'a Peers,
    outbox: &'a Outbox,
    poller: Poller,
    mail: Mail,
    /// The checks that the mailbox counts as its load, and that were taken from it.
    counted: usize,
    results: Vec<ResultRecord>,
    checks: CheckTable,
    /// Ids of checks to cancel.
    cancelled: VecDeque<u32>,
    lookup_queue: LookupQueue,
    socket_queue: VecDeque<CheckKey>,
    /// Checks for whose next address a rate limit may hold, in a queue of their own so that they do not delay the
    /// others.
    rate_queue: VecDeque<CheckKey>,
    port_waiters: PortWaiters,
    transport: Box<dyn Transport>,
    /// Events of probes that the transport has reported, until they are handled.
    events: ProbeEvents,
    resolver: Resolver,
    /// The start of starvation: the time since which the system has had no descriptor or memory for a check that waits,
    /// with no probe in flight whose end would free some.
    starved_since: Option<Instant>,
}

impl<'a> Reactor<'a> {
    pub fn new(
        number: u32,
        poller: Poller,
        peers: &'a Peers,
        outbox: &'a Outbox,
        transport: Box<dyn Transport>,
        config: Config,
    ) -> Self {
        // A weak reference: threads stuck in a lookup outlive the engine, and its descriptors must not.
        let answers = Arc::downgrade(peers.own());
        Self {
            number,
            config,
            mailbox: peers.own(),
            peers,
            outbox,
            poller,
            mail: Mail::default(),
            counted: 0,
            results: Vec::new(),
            checks: CheckTable::with_capacity(INITIAL_CHECKS),
            cancelled: VecDeque::new(),
            lookup_queue: LookupQueue::default(),
            socket_queue: VecDeque::new(),
            rate_queue: VecDeque::new(),
            port_waiters: PortWaiters::default(),
            transport,
            events: Vec::new(),
            resolver: Resolver::new(move |resolved| {
                if let Some(mailbox) = answers.upgrade() {
                    mailbox.post(|mail| mail.lookups.push(resolved));
                }
            }),
            starved_since: None,
        }
    }

    /// Runs the loop until the engine is stopped.
    pub fn run(mut self) -> io::Result<()> {
        let mut events = Events::new();
        loop {
            let mut next_lookup = None;
            let queue = if self.forget_cancelled() {
                next_lookup = self.start_lookups();
                self.start_probes()
            } else {
                // The next checks in the queue may be among the cancelled ones.
                Queue::Ready
            };
            let queue = if self.send() { Queue::Ready } else { queue };
            self.outbox.try_publish(&mut self.results);

            let mut timeout = self.time_to_sleep(queue, next_lookup);
            let mailbox = self.mailbox;
            mailbox.report(std::mem::replace(&mut self.counted, self.checks.len()), self.checks.len());
            loop {
                self.poller.wait(&mut events, mailbox.waker(), timeout, || mailbox.is_filled())?;
                for event in events.ready() {
                    self.on_event(event);
                }
                if !events.is_full() {
                    break;
                }
                // More events may be pending, and nothing else is as urgent. No new probes start meanwhile, so the
                // inner loop ends.
                timeout = Some(Duration::ZERO);
                self.outbox.try_publish(&mut self.results);
            }
            // Before the deadlines: a lookup may have ended in time.
            if self.read_mail() {
                return self.end(&mut events);
            }
            self.on_deadlines(Instant::now());
            self.outbox.try_publish(&mut self.results);
            self.transport.maintain(Instant::now());
        }
    }

    fn read_mail(&mut self) -> bool {
        let mut mail = std::mem::take(&mut self.mail);
        if self.mailbox.take(&mut mail) {
            self.counted += mail.checks;
            for (batch, sent) in mail.batches() {
                self.accept_batch(batch, sent);
            }
            for check in mail.moved.drain(..) {
                let key = self.checks.insert(check);
                self.enqueue(key, None);
            }
            for resolved in mail.lookups.drain(..) {
                self.on_lookup_result(resolved);
            }
            self.cancelled.extend(&mail.cancelled);
            mail.clear();
        }
        let stop = mail.stop;
        self.mail = mail;
        stop
    }

    /// Accepts the requests of a batch, for which the caller's thread may have sent segments.
    fn accept_batch(&mut self, batch: &[u8], sent: SentBefore) {
        for request in requests(batch) {
            self.accept(request);
            if sent.syns > 0
                && let Ok(Request { id, .. }) = request
                && let Some(check) = self.checks.find(id)
            {
                check.resent = sent.syns;
                check.note(sent.acknowledged);
            }
        }
    }

    fn accept(&mut self, request: Result<Request<'_>, Malformed>) {
        let request = match request {
            Ok(request) => request,
            Err(Malformed { id: Some(id) }) => {
                let code = Errno::INVAL.raw_os_error();
                return self.push_result(ResultRecord { code, ..ResultRecord::new(id, Status::LocalError) });
            }
            Err(Malformed { id: None }) => return,
        };
        // A source address leads only to addresses of its own family.
        let family = request.family.or(self.config.family());
        let excludes = |other| family.is_some_and(|family| family != other);
        if self.config.family().is_some_and(excludes) {
            return self.reject(&request, Status::Unresolved, EAI_ADDRFAMILY);
        }
        match request.host {
            Host::Name(host) => {
                let name = Box::new(Name::new(&request));
                let key = self.checks.insert(Check::new(&request, Target::Name(name), Instant::now()));
                self.lookup_queue.push(Question { host: host.into(), family }, key);
            }
            Host::Address(address) => match address.decode(request.port) {
                Err(errno) => self.reject(&request, Status::LocalError, errno.raw_os_error()),
                Ok(address) if excludes(Family::of(&address)) => {
                    self.reject(&request, Status::Unresolved, EAI_ADDRFAMILY);
                }
                Ok(address) => {
                    let key = self.checks.insert(Check::new(&request, Target::Address(address.into()), Instant::now()));
                    self.enqueue(key, None);
                }
            },
            Host::Addresses(addresses) => self.accept_addresses(&request, addresses),
        }
    }

    /// Accepts a check of several addresses that the caller has resolved.
    fn accept_addresses(&mut self, request: &Request<'_>, addresses: &[AddressRecord]) {
        match addresses.iter().map(|address| address.decode(request.port)).collect() {
            Err(errno) => self.reject(request, Status::LocalError, errno.raw_os_error()),
            Ok(addresses) => {
                let name = Box::new(Name::with_addresses(request, addresses));
                let key = self.checks.insert(Check::new(request, Target::Name(name), Instant::now()));
                self.enqueue(key, None);
            }
        }
    }

    /// Answers a request that can't become a check.
    fn reject(&mut self, request: &Request<'_>, status: Status, code: i32) {
        let full = u8::from(!request.zero_linger);
        self.push_result(ResultRecord { code, full, ..ResultRecord::new(request.id, status) });
    }

    fn push_result(&mut self, record: ResultRecord) {
        self.results.push(ResultRecord { engine: self.number, ..record });
    }

    fn cancel(&mut self, id: u32) {
        while let Some(check) = self.checks.take(id) {
            self.abandon(check);
        }
    }

    /// Cancels checks for at most [`PASS_DURATION`], because closing sockets is slow and SYN-ACKs must be answered in
    /// time. Returns whether none are left.
    fn forget_cancelled(&mut self) -> bool {
        if self.cancelled.is_empty() {
            return true;
        }
        let start = Instant::now();
        while let Some(id) = self.cancelled.pop_front() {
            self.cancel(id);
            if start.elapsed() >= PASS_DURATION {
                break;
            }
        }
        self.cancelled.shrink_to(KEPT_QUEUE_ENTRIES);
        self.cancelled.is_empty()
    }

    /// Cancels all checks. Events are handled meanwhile, so that SYN-ACKs are reset in time.
    fn end(mut self, events: &mut Events) -> io::Result<()> {
        self.cancelled = self.checks.iter().map(|(_, check)| check.id).collect();
        while !self.forget_cancelled() {
            self.poller.wait(events, self.mailbox.waker(), Some(Duration::ZERO), || false)?;
            for event in events.ready() {
                self.on_event(event);
            }
        }
        Ok(())
    }

    fn time_to_sleep(&self, queue: Queue, next_lookup: Option<Instant>) -> Option<Duration> {
        // Results are left over while another thread holds the outbox's lock, which is short.
        if queue == Queue::Ready || !self.results.is_empty() {
            return Some(Duration::ZERO);
        }
        let next = self.checks.next_timer().into_iter().chain(next_lookup).min();
        let deadline = next.map(|at| at.since(Instant::now()));
        let later = if let Queue::Later(wait) = queue { Some(wait) } else { None };
        [deadline, later, self.transport.maintenance()].into_iter().flatten().min()
    }
}

// Miri has no sockets.
#[cfg(all(test, not(miri)))]
mod tests;
