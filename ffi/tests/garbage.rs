//! An engine survives malformed batches, and answers their valid checks.

mod common;

use std::cell::{Cell, RefCell};
use std::time::Duration;

use common::{Checks, host_and_port, listener, namespace, proves, request};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use tcp_shaker::Outcome;
use tcp_shaker::record::{Request, Resolve};
use tcp_shaker::status::Status;

/// Names are looked up only in a hosts file, so that no random name reaches a name server.
const NO_SERVERS: &str = "mount -t tmpfs tmpfs /mnt; printf '127.0.0.1 localhost\\n::1 localhost\\n' > /mnt/hosts; \
    mount --bind /mnt/hosts /etc/hosts; \
    printf 'hosts: files\\n' > /mnt/nsswitch; mount --bind /mnt/nsswitch /etc/nsswitch.conf";

const BATCHES: u32 = 2000;
/// Above all generated ids, except ids with flipped bits.
const SENSIBLE: u32 = 1 << 30;

/// Random bytes.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 1..400)
}

/// Requests with some flipped bits, truncated.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let hosts =
        prop_oneof![Just("127.0.0.1"), Just("::1"), Just("localhost"), Just("fe80::1%lo"), Just("nosuch"), Just("")];
    let resolve = prop_oneof![Just(Resolve::Any), Just(Resolve::First), Just(Resolve::All), Just(Resolve::Lookup)];
    let one = (0..SENSIBLE, hosts, any::<u16>(), 0..50u64, resolve, any::<bool>());
    (vec(one, 1..8), vec(any::<Index>(), 0..6), any::<Index>()).prop_map(|(all, bits, length)| {
        let mut batch = Vec::new();
        for (id, host, port, ms, resolve, zero_linger) in all {
            let (host, timeout) = (host.into(), Duration::from_millis(ms));
            Request { id, host, port, timeout, queue_timeout: None, family: None, resolve, zero_linger }
                .encode(&mut batch);
        }
        for bit in bits {
            let bit = bit.index(batch.len() * 8);
            batch[bit / 8] ^= 1 << (bit % 8);
        }
        batch.truncate(1 + length.index(batch.len()));
        batch
    })
}

#[test]
fn an_engine_survives_any_batch_and_answers_its_valid_requests() {
    const NAME: &str = "an_engine_survives_any_batch_and_answers_its_valid_requests";
    if !namespace::entered(NAME, NO_SERVERS) {
        return;
    }
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let checks = RefCell::new(Checks::start());
    let (bytes, asked) = (Cell::new(0), Cell::new(0));
    let input = (prop_oneof![noise(), damaged()], vec(0..SENSIBLE, 0..4));
    let mut runner = TestRunner::new(Config { cases: BATCHES, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&input, |(batch, cancelled)| {
        let mut checks = checks.borrow_mut();
        let id = SENSIBLE + asked.replace(asked.get() + 1);
        checks.engine.submit(&batch);
        cancelled.into_iter().for_each(|id| checks.engine.cancel(id));
        checks.submit([request(id, &host, port)]);
        // Other results are of random requests that happen to be valid.
        let mut record = checks.next().expect("the engine ended");
        while record.id != id {
            record = checks.next().expect("the engine ended");
        }
        prop_assert_eq!(Status::from_code(record.status), Some(Status::Up));
        bytes.set(bytes.get() + batch.len());
        Ok(())
    });
    outcome.unwrap();
    assert_eq!(checks.borrow().engine.stop(), Outcome::Stopped);
    let counted =
        format!("{} bytes in {BATCHES} malformed batches: {} later checks with results", bytes.get(), asked.get());
    proves("ffi/tests/garbage.rs", NAME, "input", &counted);
}

#[test]
fn a_truncated_batch_does_not_affect_the_next() {
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let mut checks = Checks::start();
    for id in 0..300 {
        let mut cut = Vec::new();
        request(id, &host, port).encode(&mut cut);
        checks.engine.submit(&cut[..cut.len() - 8]);
        assert_eq!(Status::from_code(checks.check(request(id, &host, port)).status), Some(Status::Up));
    }
}
