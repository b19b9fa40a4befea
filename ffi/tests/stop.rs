//! Stopping joins both threads and closes every descriptor, whatever is under way.

mod common;

use std::sync::{Arc, Barrier};

use common::{Checks, Silent, accepted, eventually, host_and_port, listener, open_files, request, threads};
use tcp_shaker::{Delivery, Engine, Outcome};

/// One test, since descriptors and threads are the process's.
#[test]
fn stopping_leaves_nothing_behind() {
    let silent = Silent::new();
    let target = listener("127.0.0.1:0");
    let [silent_at, up] = [silent.address, target.local_addr().unwrap()].map(host_and_port);
    let files = open_files();
    let engine_threads = || threads("shaker-engine") + threads("shaker-notify");
    // Not at once: a joined thread leaves /proc a moment later, and a resolver's thread may be putting its answer in.
    let is_clean = || eventually("all is closed", || (open_files(), engine_threads()) == (files, 0));

    // Nothing under way, and dropping is stopping.
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

    // The receiver is called no more once stop() has returned, and stop() waits for a call under way.
    let (entered, leave) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let alive = Arc::new(());
    let engine = Engine::start({
        let (entered, leave, alive) = (Arc::clone(&entered), Arc::clone(&leave), Arc::clone(&alive));
        move |delivery| {
            assert!(matches!(delivery, Delivery::Results(_)) && Arc::strong_count(&alive) == 2);
            entered.wait();
            leave.wait();
        }
    });
    let engine = engine.unwrap();
    let mut batch = Vec::new();
    (0..100).for_each(|id| request(id, &up.0, up.1).encode(&mut batch));
    engine.submit(&batch);
    entered.wait();
    std::thread::scope(|scope| {
        let stopped = scope.spawn(|| engine.stop());
        // The engine thread has ended, the notifier can't yet.
        eventually("the engine thread has ended", || threads("shaker-engine") == 0);
        assert_eq!(Arc::strong_count(&alive), 2);
        leave.wait();
        assert_eq!(stopped.join().unwrap(), Outcome::Stopped);
    });
    assert_eq!(Arc::strong_count(&alive), 1);
    drop(engine);
    is_clean();
}
