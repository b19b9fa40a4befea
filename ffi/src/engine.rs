//! The engine: its two threads, from start to end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rustix::io::{self, Errno};

use crate::limits;
use crate::mailbox::Mailbox;
use crate::outbox::{Delivery, Outbox};
use crate::poller::Poller;
use crate::reactor::Reactor;
use crate::status::end;

/// A running engine. Dropping it stops it.
pub struct Engine {
    mailbox: Arc<Mailbox>,
    window: usize,
    threads: Mutex<Option<Threads>>,
}

struct Threads {
    reactor: JoinHandle<Outcome>,
    notifier: JoinHandle<()>,
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
    /// Starts an engine. `receive` is called on the notifier thread, and may block it.
    pub fn start(receive: impl FnMut(Delivery<'_>) + Send + 'static) -> io::Result<Self> {
        let (poller, waker) = Poller::new()?;
        let mailbox = Arc::new(Mailbox::new(waker));
        let outbox = Arc::new(Outbox::new());
        let window = limits::socket_window();
        let notifier = outbox.start_notifier(receive).map_err(errno)?;
        let reactor = {
            let (mailbox, outbox) = (Arc::clone(&mailbox), Arc::clone(&outbox));
            thread::Builder::new().name("shaker-engine".into()).spawn(move || {
                let run = || Reactor::new(poller, &mailbox, &outbox, window).run();
                let outcome = match catch_unwind(AssertUnwindSafe(run)) {
                    Ok(Ok(())) => Outcome::Stopped,
                    Ok(Err(errno)) => Outcome::Failed(errno),
                    Err(_) => Outcome::Panicked,
                };
                outbox.close(outcome != Outcome::Stopped);
                outcome
            })
        };
        let reactor = reactor.map_err(|error| {
            outbox.close(false);
            errno(error)
        })?;
        Ok(Self { mailbox, window, threads: Mutex::new(Some(Threads { reactor, notifier })) })
    }

    /// Hands over a batch of request records; see [`crate::record`].
    pub fn submit(&self, batch: &[u8]) {
        self.mailbox.post(|mail| mail.requests.extend_from_slice(batch));
    }

    /// Forgets a check. A result of it may already be on its way. The id is not to be used again at once: cancellations are
    /// read after the requests that came with them.
    pub fn cancel(&self, id: u32) {
        self.mailbox.post(|mail| mail.cancelled.push(id));
    }

    /// How many checks may have a socket at the same time.
    pub fn window(&self) -> usize {
        self.window
    }

    /// Ends the engine and waits for both threads: every socket is closed, and `receive` is not called any more.
    ///
    /// Not to be called by a thread on which `receive` waits.
    pub fn stop(&self) -> Outcome {
        self.mailbox.post(|mail| mail.stop = true);
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Threads { reactor, notifier }) = threads else { return Outcome::Stopped };
        let outcome = reactor.join().unwrap_or(Outcome::Panicked);
        // A panic of the notifier was its receiver's own.
        let _ = notifier.join();
        outcome
    }

    /// Makes the engine thread panic.
    #[cfg(feature = "faults")]
    pub fn panic(&self) {
        self.mailbox.post(|mail| mail.panic = true);
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop();
    }
}

fn errno(error: std::io::Error) -> Errno {
    Errno::from_io_error(&error).unwrap_or(Errno::AGAIN)
}
