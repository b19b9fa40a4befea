//! The pool, with real sockets.

use std::net::TcpListener;

use super::*;
use crate::keys::CheckKey;
use crate::sys::poller::Events;

/// A pool, and a port of each family to connect to.
struct Fixture {
    pool: Pool,
    poller: Poller,
    v4: TcpListener,
    v6: TcpListener,
}

impl Fixture {
    fn new(window: usize) -> Self {
        let (v4, v6) = (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("[::1]:0").unwrap());
        Self { pool: Pool::new(window, Config::default()), poller: Poller::new().unwrap().0, v4, v6 }
    }

    fn lend(&mut self, family: Family, half_open: bool) -> Result<ProbeKey, NotStarted> {
        let listener = if family == Family::V4 { &self.v4 } else { &self.v6 };
        let address = listener.local_addr().unwrap();
        let key = self.pool.lend(&self.poller, Probe { check: CheckKey::default(), address }, half_open)?;
        self.pool.connect(key, &address).unwrap();
        Ok(key)
    }

    fn lend_many(&mut self, count: usize) -> Vec<ProbeKey> {
        (0..count).map(|_| self.lend(Family::V4, true).ok().unwrap()).collect()
    }

    fn use_and_release(&mut self, count: usize) -> Vec<ProbeKey> {
        let keys = self.lend_many(count);
        for key in &keys {
            self.pool.release(*key);
        }
        keys
    }

    /// Trims the pool as after one more interval.
    fn trim(&mut self) {
        let now = self.pool.trimmed + TRIM_INTERVAL;
        self.pool.trim(now);
    }
}

#[test]
fn sockets_that_are_not_needed_are_closed_in_the_second_interval() {
    let mut fixture = Fixture::new(100);
    fixture.use_and_release(10);
    fixture.trim();
    assert_eq!(fixture.pool.idle(), 10);
    fixture.use_and_release(4);
    fixture.trim();
    assert_eq!(fixture.pool.idle(), 4);
    fixture.pool.trim(fixture.pool.trimmed + TRIM_INTERVAL / 2);
    assert_eq!(fixture.pool.idle(), 4);
    fixture.trim();
    assert_eq!((fixture.pool.idle(), fixture.pool.all.len()), (0, 0));
    assert_eq!(fixture.pool.next_trim(), None);
}

#[test]
fn spare_sockets_are_closed_in_passes_unless_lent_meanwhile() {
    let mut fixture = Fixture::new(2 * MAX_TRIMMED_PER_PASS);
    fixture.use_and_release(MAX_TRIMMED_PER_PASS + 20);
    fixture.trim();
    fixture.trim();
    assert_eq!((fixture.pool.idle(), fixture.pool.next_trim()), (20, Some(Duration::ZERO)));
    fixture.lend_many(15);
    fixture.pool.trim(fixture.pool.trimmed);
    assert_eq!((fixture.pool.idle(), fixture.pool.lent(), fixture.pool.next_trim()), (0, 15, None));
}

#[test]
fn trimming_closes_no_socket_in_use() {
    let mut fixture = Fixture::new(100);
    let kept = fixture.use_and_release(3);
    fixture.trim();
    let lent = fixture.lend_many(2);
    fixture.trim();
    fixture.trim();
    assert_eq!(fixture.pool.lent(), 2);
    assert!(lent.iter().all(|key| kept.contains(key) && fixture.pool.probe(*key).is_some()));
    assert_eq!(fixture.pool.idle(), 0);
}

#[test]
fn a_half_open_socket_is_recycled_and_a_full_one_is_closed() {
    let mut fixture = Fixture::new(100);
    let [first] = fixture.use_and_release(1)[..] else { unreachable!() };
    let full = fixture.lend(Family::V4, false).ok().unwrap();
    assert_ne!(full, first);
    fixture.pool.release(full);
    assert_eq!(fixture.lend_many(1), [first]);
    assert_eq!(fixture.pool.all.len(), 1);
}

#[test]
fn a_full_window_has_room_while_a_socket_is_idle() {
    let mut fixture = Fixture::new(2);
    fixture.use_and_release(2);
    for half_open in [true, false] {
        assert!(fixture.lend(Family::V6, half_open).is_ok());
    }
    assert!(matches!(fixture.lend(Family::V4, true), Err(NotStarted::Window)));
    assert_eq!((fixture.pool.lent(), fixture.pool.idle()), (2, 0));
}

#[test]
fn an_event_of_an_idle_socket_has_no_probe() {
    let mut fixture = Fixture::new(2);
    let [key] = fixture.use_and_release(1)[..] else { unreachable!() };
    let (poller, waker) = Poller::new().unwrap();
    let (poller, mut events) = (std::mem::replace(&mut fixture.poller, poller), Events::new());
    poller.wait(&mut events, &waker, None, || false).unwrap();
    // The disconnect causes an event with a failure.
    let ready: Vec<_> = events.ready().collect();
    assert_eq!((ready.len(), ProbeKey::from_epoll(ready[0].key), ready[0].failed), (1, key, true));
    assert!(fixture.pool.probe(key).is_none());
    fixture.pool.close(key);
    assert!(fixture.pool.probe(key).is_none());
}
