//! The mailbox of the engine thread: requests, cancellations and lookup results from other threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, TryLockError};

use crate::reactor::checks::Check;
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
    /// Checks of one address for which another thread of the engine found no local port.
    pub moved: Vec<Check>,
    /// The number of checks: in the requests, and moved.
    pub checks: usize,
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

    /// Posts mail, and wakes the engine.
    pub fn post(&self, put: impl FnOnce(&mut Mail)) {
        put(&mut self.mail.lock().unwrap_or_else(PoisonError::into_inner));
        self.filled.store(true, Ordering::SeqCst);
        self.waker.wake();
    }

    /// Posts a number of checks.
    pub fn post_checks(&self, count: usize, put: impl FnOnce(&mut Mail)) {
        // First, so that the engine thread never subtracts what was not added.
        self.load.fetch_add(count, Ordering::SeqCst);
        self.post(|mail| {
            mail.checks += count;
            put(mail);
        });
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

    /// Corrects the load: of the checks that were `counted` in it, or of those and their siblings, `pending` are left.
    pub fn report(&self, counted: usize, pending: usize) {
        if counted != pending {
            self.load.fetch_add(pending.wrapping_sub(counted), Ordering::SeqCst);
        }
    }

    /// The number of checks in the mailbox and in the engine thread: at least that, because ended ones are subtracted
    /// later.
    pub fn load(&self) -> usize {
        self.load.load(Ordering::SeqCst)
    }

    /// Whether there is no check, neither in the engine thread nor in the mailbox. The answer may be out of date when
    /// the caller reads it.
    pub fn is_idle(&self) -> bool {
        self.load() == 0 && !self.is_filled()
    }

    /// The waker of the engine thread.
    pub fn waker(&self) -> &Waker {
        &self.waker
    }
}
