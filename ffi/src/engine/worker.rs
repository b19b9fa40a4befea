//! An engine thread: start, stop and outcome.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rustix::io::{self, Errno};

use crate::config::Config;
use crate::reactor::Reactor;
use crate::reactor::outbox::Outbox;
use crate::reactor::thread_mailboxes::ThreadMailboxes;
use crate::record::ResultRecord;
use crate::status::{Status, end};
use crate::sys::poller::Poller;
use crate::sys::thread;
use crate::transport::Transport;

/// A running thread. Dropping the worker stops the thread.
pub struct Worker {
    mailboxes: ThreadMailboxes,
    thread: Mutex<Option<JoinHandle<Outcome>>>,
}

/// How an engine, or one of its threads, ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// Stopped by the caller.
    Stopped,
    /// A necessary system call failed.
    Failed(Errno),
    /// A panic.
    Panicked,
}

impl Outcome {
    /// The code that crosses the boundary.
    pub fn code(self) -> i32 {
        match self {
            Self::Stopped => end::STOPPED,
            Self::Failed(errno) => -errno.raw_os_error(),
            Self::Panicked => end::PANICKED,
        }
    }
}

/// The objects that a thread owns or shares with others.
pub struct WorkerParts {
    /// The number of the engine.
    pub number: u32,
    pub poller: Poller,
    pub mailboxes: ThreadMailboxes,
    pub outbox: Arc<Outbox>,
}

impl Worker {
    /// Starts a thread. If the thread fails, its last record has [`Status::Ended`].
    pub fn start(parts: WorkerParts, transport: Box<dyn Transport + Send>, config: Config) -> io::Result<Self> {
        let WorkerParts { number, poller, mailboxes, outbox } = parts;
        let own = mailboxes.clone();
        let thread = thread::spawn("shaker-engine", move || {
            let run = || Reactor::new(number, poller, &own, &outbox, transport, config).run();
            let outcome = match catch_unwind(AssertUnwindSafe(run)) {
                Ok(Ok(())) => return Outcome::Stopped,
                Ok(Err(errno)) => Outcome::Failed(errno),
                Err(_) => Outcome::Panicked,
            };
            let ended = ResultRecord { engine: number, ..ResultRecord::new(0, Status::Ended) };
            outbox.publish(&mut vec![ended]);
            outcome
        });
        let thread = thread.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::AGAIN))?;
        Ok(Self { mailboxes, thread: Mutex::new(Some(thread)) })
    }

    /// Tells the thread to end, without waiting for it.
    pub fn end(&self) {
        self.mailboxes.own().post(|mail| mail.stop = true);
    }

    /// Waits for the end of the thread. Only the first call waits and returns the thread's outcome.
    pub fn join(&self) -> Outcome {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        thread.map_or(Outcome::Stopped, |thread| thread.join().unwrap_or(Outcome::Panicked))
    }

    /// Detaches the thread, so that the drop does not wait for it.
    pub fn detach(&self) {
        self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.end();
        self.join();
    }
}
