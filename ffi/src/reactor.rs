//! The event loop of the engine thread. It owns the thread's sockets and timers, and blocks only in epoll, never on a
//! lock.

mod cancellations;
pub mod checks;
mod lookup_admission;
mod lookup_queue;
mod lookup_results;
mod lookups;
pub mod mailbox;
pub mod outbox;
mod outcomes;
mod port_waiters;
mod probe_events;
mod probes;
mod queues;
mod requests;
pub mod resolver;
mod results;
mod stagger;
pub mod thread_mailboxes;
mod timers;
mod work_queue;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use rustix::io;

use crate::config::Config;
use crate::instant::Instant;
use crate::reactor::checks::CheckTable;
use crate::reactor::mailbox::{Mail, Mailbox};
use crate::reactor::outbox::Outbox;
use crate::reactor::thread_mailboxes::ThreadMailboxes;
use crate::sys::poller::{Events, Poller};
use crate::transport::{ProbeEvents, Transport};
use lookups::Lookups;
use queues::{QueueState, Queues};
use results::Results;

/// The maximum number of deadlines, and of checks with a new lookup result, that one pass handles in a few ms. Events
/// must be read within 200 ms (`TCP_DELACK_MAX`) of the SYN-ACK, however much other work is pending.
const ENTRIES_PER_PASS: usize = 256;

/// The initial capacity of the tables, in checks. It takes no memory, because the system maps large blocks page by page
/// at the first access. A table that grows to this size would leave freed blocks in the heap.
const INITIAL_CHECKS: usize = 10_000;

/// The event loop and its state.
pub struct Reactor<'a> {
    config: Config,
    mailboxes: &'a ThreadMailboxes,
    mail: Mail,
    /// The number of taken checks that the mailbox still counts in its load.
    counted: usize,
    checks: CheckTable,
    lookups: Lookups,
    queues: Queues,
    /// Ids of checks to cancel.
    cancelled: VecDeque<u32>,
    poller: Poller,
    transport: Box<dyn Transport>,
    /// Events of probes that the transport has reported, until they are handled.
    events: ProbeEvents,
    results: Results<'a>,
}

impl<'a> Reactor<'a> {
    /// `number` is the engine's number, which its results repeat.
    pub fn new(
        number: u32,
        poller: Poller,
        mailboxes: &'a ThreadMailboxes,
        outbox: &'a Outbox,
        transport: Box<dyn Transport>,
        config: Config,
    ) -> Self {
        // A weak reference, because threads in a lookup may outlive the engine, and its descriptors must not.
        let answers = Arc::downgrade(mailboxes.own());
        Self {
            config,
            mailboxes,
            mail: Mail::default(),
            counted: 0,
            checks: CheckTable::with_capacity(INITIAL_CHECKS),
            lookups: Lookups::new(move |resolved| {
                if let Some(mailbox) = answers.upgrade() {
                    mailbox.post(|mail| mail.lookups.push(resolved));
                }
            }),
            queues: Queues::default(),
            cancelled: VecDeque::new(),
            poller,
            transport,
            events: Vec::new(),
            results: Results::new(number, outbox),
        }
    }

    /// Runs the loop until the engine is stopped.
    pub fn run(mut self) -> io::Result<()> {
        let mut events = Events::new();
        loop {
            let mut next_lookup = None;
            let mut queues = if self.cancel_queued() {
                next_lookup = self.start_lookups();
                self.start_probes()
            } else {
                // The next checks in the queue may be among the cancelled ones.
                QueueState::Ready
            };
            if self.send() {
                queues = QueueState::Ready;
            }
            self.results.try_publish();

            let mut timeout = self.time_to_sleep(queues, next_lookup);
            let mailbox = self.mailbox();
            self.report_load();
            loop {
                self.poller.wait(&mut events, mailbox.waker(), timeout, || mailbox.is_filled())?;
                for event in events.ready() {
                    self.on_event(event);
                }
                if !events.is_full() {
                    break;
                }
                // More events may be pending, and they are the most urgent work. No new probes start meanwhile, so the
                // inner loop ends.
                timeout = Some(Duration::ZERO);
                self.results.try_publish();
            }
            // Mail is read before the deadlines, because a lookup may have ended in time.
            if self.read_mail() {
                return self.end(&mut events);
            }
            self.on_deadlines(Instant::now());
            self.results.try_publish();
            self.transport.maintain(Instant::now());
        }
    }

    fn mailbox(&self) -> &'a Mailbox {
        self.mailboxes.own()
    }

    /// Corrects the mailbox's load by the checks that have ended.
    fn report_load(&mut self) {
        let pending = self.checks.len();
        self.mailbox().correct_load(self.counted, pending);
        self.counted = pending;
    }

    /// Reads the mailbox. Returns whether the engine must end.
    fn read_mail(&mut self) -> bool {
        let mut mail = std::mem::take(&mut self.mail);
        if self.mailbox().take(&mut mail) {
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

    /// Cancels all checks. Handles events meanwhile, so that each SYN-ACK gets its RST in time.
    fn end(mut self, events: &mut Events) -> io::Result<()> {
        self.cancelled = self.checks.iter().map(|(_, check)| check.id).collect();
        while !self.cancel_queued() {
            self.poller.wait(events, self.mailbox().waker(), Some(Duration::ZERO), || false)?;
            for event in events.ready() {
                self.on_event(event);
            }
        }
        Ok(())
    }

    fn time_to_sleep(&self, queues: QueueState, next_lookup: Option<Instant>) -> Option<Duration> {
        // Unpublished results mean that another thread holds the outbox's lock, for a short time.
        if queues == QueueState::Ready || !self.results.is_empty() {
            return Some(Duration::ZERO);
        }
        let next = self.checks.next_timer().into_iter().chain(next_lookup).min();
        let deadline = next.map(|at| at.since(Instant::now()));
        let later = if let QueueState::Later(wait) = queues { Some(wait) } else { None };
        [deadline, later, self.transport.maintenance()].into_iter().flatten().min()
    }
}

// Miri has no sockets.
#[cfg(all(test, not(miri)))]
mod tests;
