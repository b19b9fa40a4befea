//! The engine: its thread, from start to end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rustix::io::{self, Errno};

use crate::config::{Config, ConfigError, Kind};
use crate::direct::{Direct, Step};
use crate::faults::{self, Call};
use crate::fd_limit;
use crate::mailbox::Mailbox;
use crate::outbox::Outbox;
use crate::poller::Poller;
use crate::raw::{self, Raw};
use crate::reactor::Reactor;
use crate::record::ResultRecord;
use crate::sockets::Sockets;
use crate::status::{Status, end};
use crate::transport::Transport;

/// A running engine. Dropping it stops it.
pub struct Engine {
    number: u32,
    mailbox: Arc<Mailbox>,
    outbox: Arc<Outbox>,
    /// Only where there are sockets.
    direct: Option<Mutex<Direct>>,
    window: usize,
    thread: Mutex<Option<JoinHandle<Outcome>>>,
}

/// How an engine ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It was stopped.
    Stopped,
    /// A system call that it can't do without failed.
    Failed(Errno),
    /// It panicked.
    Panicked,
}

impl Outcome {
    /// The number that crosses the boundary.
    pub fn code(self) -> i32 {
        match self {
            Self::Stopped => end::STOPPED,
            Self::Failed(errno) => errno.raw_os_error(),
            Self::Panicked => end::PANICKED,
        }
    }
}

impl Engine {
    /// Starts an engine, whose results go to an outbox. They have its number, since others may go there too.
    ///
    /// What of the configuration can't be had is known before anything is started. Should it end by itself, a last record
    /// with [`Status::Ended`] says so.
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
        self.mailbox.post(|mail| mail.add(batch));
    }

    /// Makes a check by itself if it is of this very host and the only one there is; hands over all others. Returns whether
    /// it has been answered: the result is in the outbox then, and whoever waits there is not told.
    pub fn submit_or_answer(&self, batch: &[u8]) -> bool {
        let alone = self.mailbox.is_idle() && self.outbox.is_empty();
        let step = if alone { self.direct(batch) } else { None };
        match step {
            Some(Step::Answered(record)) => {
                self.outbox.leave(ResultRecord { engine: self.number, ..record });
                return true;
            }
            Some(Step::Begun(begun)) => self.mailbox.post(|mail| mail.begun.push(begun)),
            None => self.submit(batch),
        }
        false
    }

    /// Makes a check on the caller's thread, where sockets do.
    fn direct(&self, batch: &[u8]) -> Option<Step> {
        self.direct.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner).check(batch)
    }

    /// Forgets a check. A result of it may already be on its way. The id is not to be used again at once: cancellations are
    /// read after the requests that came with them.
    pub fn cancel(&self, id: u32) {
        self.mailbox.post(|mail| mail.cancelled.push(id));
    }

    /// How many probes may be under way at the same time.
    pub fn window(&self) -> usize {
        self.window
    }

    /// Ends the engine and waits for its thread: every socket is closed then, and no result comes any more.
    pub fn stop(&self) -> Outcome {
        self.end().map_or(Outcome::Stopped, |thread| thread.join().unwrap_or(Outcome::Panicked))
    }

    /// Ends the engine, and doesn't wait for that.
    pub fn abandon(&self) {
        self.end();
    }

    /// Tells the thread to end, and gives it to whoever is the first to ask.
    fn end(&self) -> Option<JoinHandle<Outcome>> {
        self.mailbox.post(|mail| mail.stop = true);
        self.thread.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What an engine's thread is connected with.
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
        faults::pass(Call::SpawnThread)?;
        let thread = thread::Builder::new().name("shaker-engine".into()).spawn(move || {
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
