//! The event poller: epoll, with a waker for other threads.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::event::{EventfdFlags, Timespec, eventfd};
use rustix::io::{self, Errno};

use super::faults::{self, Call};

/// The key of the wake-up eventfd. No socket has this key, because a slotmap's index is below `u32::MAX`.
const WAKER: u64 = u64::MAX;

/// The maximum number of events per wait. All are handled in one pass, in about 10 us each, 5 ms in total. A pass must
/// take far less than `TCP_DELACK_MAX` (200 ms), after which the kernel sends the ACK.
const EVENTS_PER_WAIT: usize = 512;

/// An epoll instance, owned by the engine thread.
pub struct Poller {
    epoll: OwnedFd,
}

/// The event buffer of one wait.
pub struct Events(Vec<Event>);

/// Wakes a [`Poller`] from other threads.
pub struct Waker {
    eventfd: OwnedFd,
    /// Whether the poller waits, or is about to. Saves the system call of a wake-up that is not needed.
    waiting: AtomicBool,
}

/// An event of a socket.
#[derive(Clone, Copy)]
pub struct Ready {
    pub key: u64,
    /// Whether there is an error, or both directions are closed (`EPOLLERR`, `EPOLLHUP`).
    pub failed: bool,
}

impl Poller {
    pub fn new() -> io::Result<(Self, Waker)> {
        faults::pass(Call::EpollCreate)?;
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        faults::pass(Call::EventfdCreate)?;
        let eventfd = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        faults::pass(Call::EpollAdd)?;
        epoll::add(&epoll, &eventfd, EventData::new_u64(WAKER), EventFlags::IN | EventFlags::ET)?;
        let waker = Waker { eventfd, waiting: AtomicBool::new(false) };
        Ok((Self { epoll }, waker))
    }

    /// Watches a socket for the end of its handshake, until it is closed.
    ///
    /// Edge-triggered, because an idle socket always has `EPOLLHUP`, and would otherwise be reported in every wait.
    pub fn add(&self, socket: impl AsFd, key: u64) -> io::Result<()> {
        faults::pass(Call::EpollAdd)?;
        epoll::add(&self.epoll, socket, EventData::new_u64(key), EventFlags::OUT | EventFlags::ET)
    }

    /// Watches a socket for packets, level-triggered.
    pub fn add_readable(&self, socket: impl AsFd, key: u64) -> io::Result<()> {
        faults::pass(Call::EpollAdd)?;
        epoll::add(&self.epoll, socket, EventData::new_u64(key), EventFlags::IN)
    }

    /// Waits for events, for the waker, or for the timeout, which is never shortened.
    ///
    /// Calls `has_mail` after arming the waker, so that no mail is missed: `has_mail` sees earlier mail, and later mail
    /// writes to the eventfd.
    pub fn wait(
        &self,
        events: &mut Events,
        waker: &Waker,
        timeout: Option<Duration>,
        has_mail: impl Fn() -> bool,
    ) -> io::Result<()> {
        waker.waiting.store(true, Ordering::SeqCst);
        let timeout = if has_mail() { Some(Duration::ZERO) } else { timeout };
        events.0.clear();
        let waited = faults::pass(Call::EpollWait)
            .and_then(|()| epoll::wait(&self.epoll, spare_capacity(&mut events.0), timespec(timeout).as_ref()));
        waker.waiting.store(false, Ordering::SeqCst);
        match waited {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(errno) => Err(errno),
        }
    }
}

impl Events {
    pub fn new() -> Self {
        Self(Vec::with_capacity(EVENTS_PER_WAIT))
    }

    /// Whether the buffer was filled, so that more events may be pending.
    pub fn is_full(&self) -> bool {
        self.0.len() == self.0.capacity()
    }

    /// The events of sockets, without the waker's.
    pub fn ready(&self) -> impl Iterator<Item = Ready> + '_ {
        self.0.iter().filter(|event| event.data.u64() != WAKER).map(|event| Ready {
            key: event.data.u64(),
            failed: { event.flags }.intersects(EventFlags::ERR | EventFlags::HUP),
        })
    }
}

impl Waker {
    /// Ends the wait of the poller, if it waits. Must be called after the mail was posted.
    pub fn wake(&self) {
        if self.waiting.swap(false, Ordering::SeqCst) {
            // The counter is never read, because the edge is enough. It can't overflow before 2^64 wake-ups.
            let written = io::retry_on_intr(|| {
                faults::pass(Call::EventfdWrite)?;
                rustix::io::write(&self.eventfd, &1u64.to_ne_bytes())
            });
            if written.is_err() {
                // A seccomp filter may forbid the write. The next call tries again.
                self.waiting.store(true, Ordering::SeqCst);
            }
        }
    }
}

/// Rounds up to whole milliseconds, the resolution of `epoll_pwait`, because a deadline must not be early.
fn timespec(timeout: Option<Duration>) -> Option<Timespec> {
    /// The maximum wait, because `epoll_pwait` takes an `int`. The caller then waits again.
    const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
    timeout.map(|timeout| {
        let ms = timeout.min(LONGEST).as_nanos().div_ceil(1_000_000) as i64;
        Timespec { tv_sec: ms / 1000, tv_nsec: (ms % 1000) * 1_000_000 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_rounded_up() {
        let rounded = timespec(Some(Duration::from_nanos(1_000_001))).unwrap();
        assert_eq!((rounded.tv_sec, rounded.tv_nsec), (0, 2_000_000));
        let none = timespec(Some(Duration::ZERO)).unwrap();
        assert_eq!((none.tv_sec, none.tv_nsec), (0, 0));
        assert!(timespec(None).is_none());
    }

    #[test]
    fn mail_that_came_before_the_wait_ends_it() {
        let (poller, waker) = Poller::new().unwrap();
        let mut events = Events::new();
        poller.wait(&mut events, &waker, None, || true).unwrap();
        assert_eq!(events.ready().count(), 0);
    }

    #[test]
    fn the_waker_ends_a_wait_and_is_no_event() {
        let (poller, waker) = Poller::new().unwrap();
        let mut events = Events::new();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !waker.waiting.load(Ordering::SeqCst) {
                    std::thread::yield_now();
                }
                waker.wake();
            });
            poller.wait(&mut events, &waker, None, || false).unwrap();
        });
        assert_eq!(events.0.len(), 1);
        assert_eq!(events.ready().count(), 0);
    }
}
