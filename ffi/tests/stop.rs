//! Stopping joins the thread and closes every descriptor, whatever the state of checks.

mod common;

use std::sync::Arc;

use common::{Checks, Silent, accepted, eventually, host_and_port, listener, open_files, proves, request, threads};
use tcp_shaker::record::ResultRecord;
use tcp_shaker::status::Status;
use tcp_shaker::{Config, Engine, Outbox, Outcome};

/// One test, since descriptors and threads are the process's.
#[test]
fn stopping_leaks_nothing() {
    let silent = Silent::new();
    let target = listener("127.0.0.1:0");
    let [silent_at, up] = [silent.address, target.local_addr().unwrap()].map(host_and_port);
    let files = open_files();
    let engine_threads = || threads("shaker-engine");
    // Not at once: a joined thread leaves /proc a moment later, and a resolver's thread may be putting its answer in.
    let is_clean = || eventually("all is closed", || (open_files(), engine_threads()) == (files, 0));

    // Nothing is pending, and dropping is stopping.
    for _ in 0..50 {
        assert_eq!(Checks::start().engine.stop(), Outcome::Stopped);
        drop(Checks::start());
    }
    is_clean();

    // In every state at once: queued, connecting, done, being looked up.
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
    // These threads are not waited for, since a lookup may take its time.
    eventually("the resolver's threads have ended", || threads("shaker-dns") == 0);
    assert_eq!(accepted(&target), 0);

    // No result comes any more once stop() has returned, although checks were pending.
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

    // One that is abandoned ends too, in its own time.
    let engine = Engine::start(1, outbox, Config::default()).unwrap();
    engine.submit(&batch);
    engine.abandon();
    drop(engine);
    is_clean();
    let (left, threads) = (open_files() - files, engine_threads());
    let counted = format!("{left} descriptors and {threads} threads left of engines that ended in every state");
    proves(file!(), "stopping_leaks_nothing", "nothingLeft", &counted);
}
