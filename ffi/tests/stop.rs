//! A stop joins the thread and closes every descriptor, with checks in any state.

mod common;

use std::sync::Arc;

use common::{Checks, Silent, accepted, eventually, host_and_port, listener, open_files, proves, request, threads};
use tcp_shaker::record::ResultRecord;
use tcp_shaker::status::Status;
use tcp_shaker::{Config, Engine, Outbox, Outcome};

/// A single test, because descriptors and threads belong to the process.
#[test]
fn stopping_leaks_nothing() {
    let silent = Silent::new();
    let target = listener("127.0.0.1:0");
    let [silent_at, up] = [silent.address, target.local_addr().unwrap()].map(host_and_port);
    let files = open_files();
    let engine_threads = || threads("shaker-engine");
    // A joined thread leaves /proc a moment later, and a thread of a lookup may still post its answer.
    let is_clean = || eventually("all is closed", || (open_files(), engine_threads()) == (files, 0));

    // Without a pending check, by a drop.
    for _ in 0..50 {
        assert_eq!(Checks::start().engine.stop(), Outcome::Stopped);
        drop(Checks::start());
    }
    is_clean();

    // With checks in every state: queued, connecting, done, in a lookup.
    for round in 0..20 {
        let checks = Checks::start();
        checks.submit((0..600).map(|id| match id % 3 {
            0 => request(id, &silent_at.0, silent_at.1),
            1 => request(id, &up.0, up.1),
            _ => request(id, "localhost", up.1),
        }));
        if round % 2 == 0 {
            let mut checks = checks;
            checks.next();
            assert_eq!(checks.engine.stop(), Outcome::Stopped);
            assert_eq!(checks.engine.stop(), Outcome::Stopped);
        }
    }
    is_clean();
    // The stop does not wait for threads of lookups.
    eventually("the resolver's threads have ended", || threads("shaker-dns") == 0);
    assert_eq!(accepted(&target), 0);

    // Pending checks have no result after stop() has returned.
    let outbox = Arc::new(Outbox::default());
    let engine = Engine::start(1, Arc::clone(&outbox), Config::default()).unwrap();
    let mut batch = Vec::new();
    (0..1000).for_each(|id| request(id, &up.0, up.1).encode(&mut batch));
    engine.submit(&batch);
    outbox.wait();
    assert_eq!(engine.stop(), Outcome::Stopped);
    let mut room = vec![ResultRecord::new(0, Status::Up); 1000];
    outbox.take(&mut room);
    assert_eq!(outbox.take(&mut room), 0);
    drop(engine);
    is_clean();

    // An abandoned engine ends later.
    let engine = Engine::start(1, outbox, Config::default()).unwrap();
    engine.submit(&batch);
    engine.abandon();
    drop(engine);
    is_clean();
    let (left, threads) = (open_files() - files, engine_threads());
    let counted =
        format!("{left} descriptors and {threads} threads left after the end of engines with checks in every state");
    proves(file!(), "stopping_leaks_nothing", "nothingLeft", &counted);
}
