//! The mailbox of the engine thread: requests, cancellations and lookup results from other threads.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, TryLockError};

use crate::reactor::resolver::Resolved;
use crate::sys::poller::Waker;

/// The capacity that the request buffer keeps, in bytes: room for some hundred requests. A larger batch pays for its
/// own growth.
const KEPT_BYTES: usize = 16 * 1024;

/// Everything that was posted since the engine last read its mailbox.
#[derive(Default)]
pub struct Mail {
    /// Request records, batch after batch.
    requests: Vec<u8>,
    /// Where each batch ends: a malformed batch must not affect the next one.
    ends: Vec<(usize, SentBefore)>,
    /// Ids of checks to cancel.
    pub cancelled: Vec<u32>,
    /// Lookups that have ended.
    pub lookups: Vec<Resolved>,
    /// Whether the engine must end.
    pub stop: bool,
}

/// The segments that the caller's thread has sent for the checks of a batch: nothing, by default.
#[derive(Clone, Copy, Debug, Default)]
pub struct SentBefore {
    pub syns: u16,
    /// Whether an ACK may have left.
    pub acknowledged: bool,
}

impl Mail {
    /// Adds a batch of request records.
    pub fn add(&mut self, batch: &[u8], sent: SentBefore) {
        self.requests.extend_from_slice(batch);
        self.ends.push((self.requests.len(), sent));
    }

    /// The batches, in order.
    pub fn batches(&self) -> impl Iterator<Item = (&[u8], SentBefore)> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|(end, _)| *end));
        starts.zip(&self.ends).map(|(start, (end, sent))| (&self.requests[start..*end], *sent))
    }

    /// Empties the mail. Keeps its memory, up to [`KEPT_BYTES`].
    pub fn clear(&mut self) {
        self.requests.clear();
        self.requests.shrink_to(KEPT_BYTES);
        self.ends.clear();
        self.cancelled.clear();
        self.lookups.clear();
    }
}

/// A mutex-protected mailbox with a waker.
pub struct Mailbox {
    mail: Mutex<Mail>,
    filled: AtomicBool,
    /// Whether the engine had no check when it last looked.
    idle: AtomicBool,
    waker: Waker,
}

impl Mailbox {
    pub fn new(waker: Waker) -> Self {
        Self { mail: Mutex::default(), filled: AtomicBool::new(false), idle: AtomicBool::new(true), waker }
    }

    /// Posts mail, and wakes the engine.
    pub fn post(&self, put: impl FnOnce(&mut Mail)) {
        put(&mut self.mail.lock().unwrap_or_else(PoisonError::into_inner));
        self.filled.store(true, Ordering::SeqCst);
        self.waker.wake();
    }

    /// Takes all mail in exchange for `emptied`, whose memory is used again. Returns whether there was any.
    ///
    /// Returns false while another thread is posting: the engine waits for no lock, because the thread that holds it
    /// may have no CPU, and a SYN-ACK must be answered within 200 ms. That thread wakes the engine when it is done.
    pub fn take(&self, emptied: &mut Mail) -> bool {
        if !self.is_filled() {
            return false;
        }
        let mut mail = match self.mail.try_lock() {
            Ok(mail) => mail,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return false,
        };
        self.set_idle(false);
        // Under the lock, so that later mail sets it again.
        self.filled.store(false, Ordering::SeqCst);
        debug_assert!(emptied.requests.is_empty());
        std::mem::swap(&mut *mail, emptied);
        true
    }

    /// Whether there is anything to take.
    pub fn is_filled(&self) -> bool {
        self.filled.load(Ordering::SeqCst)
    }

    /// Records whether the engine has no check.
    pub fn set_idle(&self, idle: bool) {
        self.idle.store(idle, Ordering::SeqCst);
    }

    /// Whether there is no check, neither in the engine nor in the mailbox. The answer may be out of date when the
    /// caller reads it.
    pub fn is_idle(&self) -> bool {
        self.idle.load(Ordering::SeqCst) && !self.is_filled()
    }

    /// The waker of the engine thread.
    pub fn waker(&self) -> &Waker {
        &self.waker
    }
}
