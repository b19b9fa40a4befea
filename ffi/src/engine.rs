//! The engine's life cycle: start, hand-over of requests, stop.

mod direct;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rustix::io::{self, Errno};

use crate::config::{Config, ConfigError, Kind};
use crate::raw::{self, Raw};
use crate::reactor::Reactor;
use crate::reactor::mailbox::{Mailbox, SentBefore};
use crate::reactor::outbox::Outbox;
use crate::record::ResultRecord;
use crate::sockets::Sockets;
use crate::status::{Status, end};
use crate::sys::poller::Poller;
use crate::sys::{fd_limit, thread};
use crate::transport::Transport;
use direct::Direct;

/// A running engine. Dropping it stops its thread.
pub struct Engine {
    number: u32,
    mailbox: Arc<Mailbox>,
    outbox: Arc<Outbox>,
    /// `None` in a raw engine.
    direct: Option<Mutex<Direct>>,
    window: usize,
    thread: Mutex<Option<JoinHandle<Outcome>>>,
}

/// How an engine ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// The caller stopped it.
    Stopped,
    /// A system call without which it can't run failed.
    Failed(Errno),
    /// It panicked.
    Panicked,
}

impl Outcome {
    /// The code that crosses the boundary.
    pub fn code(self) -> i32 {
        match self {
            Self::Stopped => end::STOPPED,
            Self::Failed(errno) => errno.raw_os_error(),
            Self::Panicked => end::PANICKED,
        }
    }
}

impl Engine {
    /// Starts an engine that puts its results into an outbox. Each result has the engine's number, because engines may
    /// share an outbox.
    ///
    /// A configuration that the system rejects is an error here, before the thread starts. If the engine ends by
    /// itself, its last record has [`Status::Ended`].
    pub fn start(number: u32, outbox: Arc<Outbox>, config: Config) -> Result<Self, ConfigError> {
        config.try_out()?;
        let (poller, waker) = Poller::new()?;
        let mailbox = Arc::new(Mailbox::new(waker));
        let descriptors = fd_limit::socket_window();
        let ends = Ends { number, poller, mailbox: Arc::clone(&mailbox), outbox: Arc::clone(&outbox) };
        let (thread, window, direct) = match config.kind {
            Kind::Sockets => {
                let transport = Box::new(Sockets::new(descriptors, config));
                (ends.run(transport, config)?, descriptors, Some(Mutex::new(Direct::new(config))))
            }
            Kind::Raw => {
                let transport = Box::new(Raw::open(config, descriptors, &ends.poller)?);
                (ends.run(transport, config)?, raw::WINDOW, None)
            }
        };
        Ok(Self { number, mailbox, outbox, direct, window, thread: Mutex::new(Some(thread)) })
    }

    /// Hands over a batch of request records; see [`crate::record`].
    pub fn submit(&self, batch: &[u8]) {
        self.hand_over(batch, SentBefore::default());
    }

    /// Makes the check on this thread if it is to a loopback address and no other is pending; else hands the batch to
    /// the engine thread. Returns whether the check is finished: its result is then in the outbox, without waking the
    /// thread that waits there.
    pub fn submit_or_answer(&self, batch: &[u8]) -> bool {
        let alone = self.mailbox.is_idle() && self.outbox.is_empty();
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
        self.mailbox.post(|mail| mail.add(batch, sent));
    }

    /// Cancels a check. Its result may already be on its way. Don't use the id again at once: the engine reads
    /// cancellations after the requests that came with them.
    pub fn cancel(&self, id: u32) {
        self.mailbox.post(|mail| mail.cancelled.push(id));
    }

    /// The most probes in flight at once.
    pub fn window(&self) -> usize {
        self.window
    }

    /// Stops the engine and waits for its thread. When it returns, every socket is closed and no further result comes.
    pub fn stop(&self) -> Outcome {
        self.end().map_or(Outcome::Stopped, |thread| thread.join().unwrap_or(Outcome::Panicked))
    }

    /// Stops the engine without waiting for its thread.
    pub fn abandon(&self) {
        self.end();
    }

    /// Tells the thread to end. The first caller gets its handle, to join it.
    fn end(&self) -> Option<JoinHandle<Outcome>> {
        self.mailbox.post(|mail| mail.stop = true);
        self.thread.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What the engine's thread shares with others.
struct Ends {
    number: u32,
    poller: Poller,
    mailbox: Arc<Mailbox>,
    outbox: Arc<Outbox>,
}

impl Ends {
    /// Starts the thread.
    fn run(self, transport: Box<dyn Transport + Send>, config: Config) -> io::Result<JoinHandle<Outcome>> {
        let Self { number, poller, mailbox, outbox } = self;
        let thread = thread::spawn("shaker-engine", move || {
            let run = || Reactor::new(number, poller, &mailbox, &outbox, transport, config).run();
            let outcome = match catch_unwind(AssertUnwindSafe(run)) {
                Ok(Ok(())) => return Outcome::Stopped,
                Ok(Err(errno)) => Outcome::Failed(errno),
                Err(_) => Outcome::Panicked,
            };
            let ended = ResultRecord { engine: number, ..ResultRecord::new(0, Status::Ended) };
            outbox.publish(&mut vec![ended]);
            outcome
        });
        thread.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::AGAIN))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop();
    }
}
