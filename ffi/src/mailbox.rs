//! What other threads have to say to the engine thread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, TryLockError};

use crate::direct::Begun;
use crate::poller::Waker;
use crate::resolver::Resolved;

/// What is kept of a buffer for requests, in bytes: some hundreds. Those of a flood share the cost of more.
const KEPT_BYTES: usize = 16 * 1024;

/// Everything that came in since the last look.
#[derive(Default)]
pub struct Mail {
    /// Request records, batch after batch.
    requests: Vec<u8>,
    /// Where each batch ends: what is wrong with one is nothing to the next.
    ends: Vec<usize>,
    /// Ids of checks to be forgotten.
    pub cancelled: Vec<u32>,
    /// Checks that somebody else has begun.
    pub begun: Vec<Begun>,
    /// Lookups that have ended.
    pub answers: Vec<Resolved>,
    /// The engine is to end.
    pub stop: bool,
}

impl Mail {
    /// Adds a batch of request records.
    pub fn add(&mut self, batch: &[u8]) {
        self.requests.extend_from_slice(batch);
        self.ends.push(self.requests.len());
    }

    /// The batches, in order.
    pub fn batches(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.requests[start..*end])
    }

    /// Empties it. Its memory is kept, but not that of a flood.
    pub fn clear(&mut self) {
        self.requests.clear();
        self.requests.shrink_to(KEPT_BYTES);
        self.ends.clear();
        self.cancelled.clear();
        self.begun.clear();
        self.answers.clear();
    }
}

/// A mailbox with a bell.
pub struct Mailbox {
    mail: Mutex<Mail>,
    filled: AtomicBool,
    /// Whether the engine knew of no check when it last looked.
    idle: AtomicBool,
    waker: Waker,
}

impl Mailbox {
    pub fn new(waker: Waker) -> Self {
        Self { mail: Mutex::default(), filled: AtomicBool::new(false), idle: AtomicBool::new(true), waker }
    }

    /// Puts something in, and wakes the engine.
    pub fn post(&self, put: impl FnOnce(&mut Mail)) {
        put(&mut self.mail.lock().unwrap_or_else(PoisonError::into_inner));
        self.filled.store(true, Ordering::SeqCst);
        self.waker.wake();
    }

    /// Takes all there is in exchange for `emptied`, whose memory is used again. Returns whether there was any.
    ///
    /// While somebody else is putting something in there is none yet: the engine waits for no lock, since whoever holds
    /// it may have no CPU, and SYN-ACKs don't wait either.
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
        // Under the lock: what is put in from now on fills it again.
        self.filled.store(false, Ordering::SeqCst);
        debug_assert!(emptied.requests.is_empty());
        std::mem::swap(&mut *mail, emptied);
        true
    }

    /// Whether there is anything to take.
    pub fn is_filled(&self) -> bool {
        self.filled.load(Ordering::SeqCst)
    }

    /// Says whether the engine has nothing to do. With mail it does.
    pub fn set_idle(&self, idle: bool) {
        self.idle.store(idle, Ordering::SeqCst);
    }

    /// Whether there is no check, neither in the engine nor in the mailbox. By the time that the caller reads this there
    /// may be one again.
    pub fn is_idle(&self) -> bool {
        self.idle.load(Ordering::SeqCst) && !self.is_filled()
    }

    /// The bell.
    pub fn waker(&self) -> &Waker {
        &self.waker
    }
}
