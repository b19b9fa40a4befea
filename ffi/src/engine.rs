//! The engine's life cycle: start, submission of requests, stop.

mod direct;
mod load_balancer;
mod worker;

use std::sync::{Arc, Mutex, PoisonError};

use rustix::io;

use crate::config::{Config, ConfigError, Kind};
use crate::instant::Instant;
use crate::raw::{self, Rate, Raw};
use crate::reactor::mailbox::{Mailbox, SentBefore};
use crate::reactor::outbox::Outbox;
use crate::reactor::thread_mailboxes::ThreadMailboxes;
use crate::record::ResultRecord;
use crate::sockets::Sockets;
use crate::sys::fd_limit;
use crate::sys::poller::Poller;
use crate::transport::Transport;
use direct::Direct;
use load_balancer::LoadBalancer;
use worker::{Worker, WorkerParts};

pub use worker::Outcome;

/// A running engine: one or more threads, which share its limits. Dropping it stops the threads.
pub struct Engine {
    number: u32,
    mailboxes: Arc<[Arc<Mailbox>]>,
    balancer: Mutex<LoadBalancer>,
    outbox: Arc<Outbox>,
    /// `None` in a raw engine.
    direct: Option<Mutex<Direct>>,
    window: usize,
    workers: Vec<Worker>,
}

impl Engine {
    /// Starts an engine that puts its results into an outbox. Each result has the engine's number, because engines may
    /// share an outbox.
    ///
    /// If the system rejects the configuration, no thread is started. If a thread fails later, its last record has
    /// [`Status::Ended`](crate::status::Status::Ended), and the caller must stop the engine.
    pub fn start(number: u32, outbox: Arc<Outbox>, config: Config) -> Result<Self, ConfigError> {
        config.try_out()?;
        let threads = config.threads();
        let opened: Vec<_> = (0..threads).map(|_| Poller::new()).collect::<io::Result<_>>()?;
        let (pollers, wakers): (Vec<_>, Vec<_>) = opened.into_iter().unzip();
        let mailboxes: Arc<[_]> = wakers.into_iter().map(|waker| Arc::new(Mailbox::new(waker))).collect();
        let descriptors = (fd_limit::socket_window() / threads).max(1);
        let rate = Rate::new(config.rate, Instant::now()).map(Arc::new);
        let transports = pollers.iter().map(|poller| -> Result<Box<dyn Transport + Send>, ConfigError> {
            Ok(match config.kind {
                Kind::Sockets => Box::new(Sockets::new(descriptors, config)),
                Kind::Raw => Box::new(Raw::open(config, descriptors, rate.clone(), poller)?),
            })
        });
        let transports: Vec<_> = transports.collect::<Result<_, _>>()?;
        let mut workers = Vec::with_capacity(threads);
        for ((poller, own), transport) in pollers.into_iter().zip(ThreadMailboxes::of_all(&mailboxes)).zip(transports) {
            let parts = WorkerParts { number, poller, mailboxes: own, outbox: Arc::clone(&outbox) };
            workers.push(Worker::start(parts, transport, config)?);
        }
        let (window, limit, direct) = match config.kind {
            Kind::Sockets => {
                (threads * descriptors, load_balancer::limit_of_ports(), Some(Mutex::new(Direct::new(config))))
            }
            Kind::Raw => (raw::WINDOW, usize::MAX, None),
        };
        let balancer = Mutex::new(LoadBalancer::new(threads, limit));
        Ok(Self { number, mailboxes, balancer, outbox, direct, window, workers })
    }

    /// Submits a batch of request records to the engine threads; see [`crate::record`].
    pub fn submit(&self, batch: &[u8]) {
        self.hand_over(batch, SentBefore::default());
    }

    /// Submits a batch. A lone check of a loopback address is made on this thread. Returns whether it is finished; then
    /// its result is in the outbox, and the thread that waits at the outbox is not woken.
    pub fn submit_or_answer(&self, batch: &[u8]) -> bool {
        let alone = self.mailboxes.iter().all(|mailbox| mailbox.is_idle()) && self.outbox.is_empty();
        match if alone { self.direct(batch) } else { Err(SentBefore::default()) } {
            Ok(record) => self.outbox.leave(ResultRecord { engine: self.number, ..record }),
            Err(sent) => {
                self.hand_over(batch, sent);
                return false;
            }
        }
        true
    }

    /// Makes a check on the caller's thread; an error in a raw engine.
    fn direct(&self, batch: &[u8]) -> Result<ResultRecord, SentBefore> {
        let direct = self.direct.as_ref().ok_or_else(SentBefore::default)?;
        direct.lock().unwrap_or_else(PoisonError::into_inner).check(batch)
    }

    fn hand_over(&self, batch: &[u8], sent: SentBefore) {
        self.balancer.lock().unwrap_or_else(PoisonError::into_inner).post(batch, sent, &self.mailboxes);
    }

    /// Cancels a check, whose result may still arrive. The id must not be reused at once, because the engine reads
    /// cancellations after the requests of the same mail. The cancellation goes to all threads, because the check may have moved.
    pub fn cancel(&self, id: u32) {
        for mailbox in &*self.mailboxes {
            mailbox.post(|mail| mail.cancelled.push(id));
        }
    }

    /// The maximum number of probes in flight.
    pub fn window(&self) -> usize {
        self.window
    }

    /// Stops the engine and waits for its threads. After the return every socket is closed and no result follows.
    /// Returns the outcome of the first thread that ended otherwise than by this stop.
    pub fn stop(&self) -> Outcome {
        self.end();
        let outcomes: Vec<_> = self.workers.iter().map(Worker::join).collect();
        outcomes.into_iter().find(|outcome| *outcome != Outcome::Stopped).unwrap_or(Outcome::Stopped)
    }

    /// Stops the engine without waiting for its threads.
    pub fn abandon(&self) {
        self.end();
        self.workers.iter().for_each(Worker::detach);
    }

    /// Tells all threads to end, before any of them is joined, so that they end concurrently.
    fn end(&self) {
        self.workers.iter().for_each(Worker::end);
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop();
    }
}
