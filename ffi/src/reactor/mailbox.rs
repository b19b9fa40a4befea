//! The mailbox of the engine thread: requests, cancellations and lookup results from other threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, TryLockError};

use crate::reactor::checks::Check;
use crate::reactor::resolver::Resolved;
use crate::sys::poller::Waker;

/// The capacity that the request buffer keeps, in bytes: some hundred requests. The buffer grows for a larger batch, and
/// shrinks after it.
const KEPT_BYTES: usize = 16 * 1024;

/// The mail that was posted since the engine thread last read its mailbox.
#[derive(Default)]
pub struct Mail {
    /// The request records of all batches.
    requests: Vec<u8>,
    /// The end of each batch, so that a malformed batch does not affect the next one.
    ends: Vec<(usize, SentBefore)>,
    /// Ids of checks to cancel.
    pub cancelled: Vec<u32>,
    /// Checks of one address that found no local port in another thread of the engine.
    pub moved: Vec<Check>,
    /// The number of checks, in requests and moved.
    pub checks: usize,
    /// Lookups that have ended.
    pub lookups: Vec<Resolved>,
    /// Whether the engine must end.
    pub stop: bool,
}

/// The segments that the caller's thread has sent for the checks of a batch; by default none.
#[derive(Clone, Copy, Debug, Default)]
pub struct SentBefore {
    pub syns: u16,
    /// Whether an ACK may have been sent.
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
        self.moved.clear();
        self.checks = 0;
        self.lookups.clear();
    }
}

/// A mutex-protected mailbox with a waker.
pub struct Mailbox {
    mail: Mutex<Mail>,
    filled: AtomicBool,
    /// The number of checks in the mailbox and in the engine thread, as of its last pass.
    load: AtomicUsize,
    waker: Waker,
}

impl Mailbox {
    pub fn new(waker: Waker) -> Self {
        Self { mail: Mutex::default(), filled: AtomicBool::new(false), load: AtomicUsize::new(0), waker }
    }

    /// Posts mail, and wakes the engine thread.
    pub fn post(&self, put: impl FnOnce(&mut Mail)) {
        put(&mut self.mail.lock().unwrap_or_else(PoisonError::into_inner));
        self.filled.store(true, Ordering::SeqCst);
        self.waker.wake();
    }

    /// Posts a number of checks.
    pub fn post_checks(&self, count: usize, put: impl FnOnce(&mut Mail)) {
        // The load is raised first, so that the engine thread never subtracts a check that was not added.
        self.load.fetch_add(count, Ordering::SeqCst);
        self.post(|mail| {
            mail.checks += count;
            put(mail);
        });
    }

    /// Takes all mail in exchange for `emptied`, whose memory is reused. Returns whether there was any mail.
    ///
    /// Returns false while another thread is posting. The engine thread must not wait for the lock, because the lock's
    /// holder may have no CPU, and a SYN-ACK must be answered within 200 ms. The holder wakes the engine thread when it
    /// has posted.
    pub fn take(&self, emptied: &mut Mail) -> bool {
        if !self.is_filled() {
            return false;
        }
        let mut mail = match self.mail.try_lock() {
            Ok(mail) => mail,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return false,
        };
        // Cleared under the lock, so that later mail sets it again.
        self.filled.store(false, Ordering::SeqCst);
        debug_assert!(emptied.requests.is_empty());
        std::mem::swap(&mut *mail, emptied);
        true
    }

    /// Whether there is mail to take.
    pub fn is_filled(&self) -> bool {
        self.filled.load(Ordering::SeqCst)
    }

    /// Corrects the load, in which the engine thread's checks were `counted`: now `pending` are left.
    pub fn correct_load(&self, counted: usize, pending: usize) {
        if counted != pending {
            self.load.fetch_add(pending.wrapping_sub(counted), Ordering::SeqCst);
        }
    }

    /// An upper bound of the number of checks in the mailbox and in the engine thread: ended checks are subtracted later.
    pub fn load(&self) -> usize {
        self.load.load(Ordering::SeqCst)
    }

    /// Whether there is no check in the engine thread and in the mailbox. The answer may be outdated at once.
    pub fn is_idle(&self) -> bool {
        self.load() == 0 && !self.is_filled()
    }

    /// The waker of the engine thread.
    pub fn waker(&self) -> &Waker {
        &self.waker
    }
}
