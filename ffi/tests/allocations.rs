//! Memory per check, and allocations of the event loop.

mod common;

use std::alloc::System;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use common::{DirectEngine, Silent, eventually, host_and_port, listener, open_files, request};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tcp_shaker::record::{Request, ResultRecord};
use tcp_shaker::status::Status;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Serializes the tests, which share the allocator.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn later_checks_allocate_no_memory() {
    const AT_ONCE: usize = 100;
    let _turn = turn();
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let direct = DirectEngine::new();
    let mut batch = Vec::new();
    for id in 0..AT_ONCE as u32 {
        request(id, &host, port).encode(&mut batch);
    }
    let mut room = vec![ResultRecord::new(0, Status::Up); AT_ONCE];
    let mut run = |rounds| {
        for _ in 0..rounds {
            direct.engine.submit(&batch);
            let mut answered = 0;
            while answered < AT_ONCE {
                direct.outbox.wait();
                answered += direct.outbox.take(&mut room);
            }
        }
    };
    run(100);
    let region = Region::new(ALLOCATOR);
    run(100);
    let change = region.change();
    // The result vectors are swapped between threads, and may grow once more if the threads' speed changes.
    let allocations = change.allocations + change.reallocations;
    assert!(allocations < 10, "{change:?}");
}

#[test]
fn a_check_in_flight_needs_little_memory() {
    const CHECKS: usize = 10_000;
    let _turn = turn();
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    let direct = DirectEngine::new();
    let hour = Duration::from_secs(3600);
    let mut batch = Vec::new();
    for id in 0..CHECKS as u32 {
        Request { timeout: hour, ..request(id, &host, port) }.encode(&mut batch);
    }
    let before = open_files();
    let region = Region::new(ALLOCATOR);
    for piece in batch.chunks(batch.len() / 100) {
        direct.engine.submit(piece);
    }
    eventually("all SYNs are out", || open_files() >= before + CHECKS);
    let change = region.change();
    let bytes = (change.bytes_allocated - change.bytes_deallocated) / CHECKS;
    // The tables have room for 16,384 checks, some of it unused.
    assert!(bytes <= 330, "{bytes} bytes a check: {change:?}");
}
