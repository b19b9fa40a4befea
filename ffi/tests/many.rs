//! Every check has exactly one result, with its own outcome.

mod common;

use std::time::Duration;

use common::{Checks, Silent, assert_reported, free_address, host_and_port, listener, proves, request};
use tcp_shaker::record::Request;
use tcp_shaker::status::Status;

#[test]
fn mixed_checks_have_one_result_each_while_others_are_cancelled() {
    const COUNT: u32 = 12_000;
    let (target, silent) = (listener("127.0.0.1:0"), Silent::new());
    let [up, refused, silent_at] =
        [target.local_addr().unwrap(), free_address("127.0.0.1:0"), silent.address].map(host_and_port);
    let mut checks = Checks::start();
    for first in (0..COUNT).step_by(500) {
        checks.submit((first..first + 500).map(|id| match id % 4 {
            0 => request(id, &up.0, up.1),
            1 => request(id, &refused.0, refused.1),
            2 => Request { timeout: Duration::from_millis(30), ..request(id, &silent_at.0, silent_at.1) },
            _ => request(id, &silent_at.0, silent_at.1),
        }));
        (first..first + 500).filter(|id| id % 4 == 3).for_each(|id| checks.engine.cancel(id));
    }
    let mut seen = vec![0; COUNT as usize];
    let records = checks.take(COUNT as usize / 4 * 3);
    for record in &records {
        seen[record.id as usize] += 1;
        let expected = [Status::Up, Status::Refused, Status::Timeout].get(record.id as usize % 4);
        assert_eq!(Status::from_code(record.status).as_ref(), expected, "{record:?}");
    }
    assert!(checks.leftovers().is_empty());
    assert!(seen.iter().enumerate().all(|(id, count)| *count == i32::from(id % 4 != 3)));
    assert_reported(&target, &records);
    let reported: i32 = seen.iter().sum();
    let counted = format!("{COUNT} mixed checks: {reported} results, {} cancelled", COUNT / 4);
    proves(file!(), "mixed_checks_have_one_result_each_while_others_are_cancelled", "scale", &counted);
}

#[test]
fn checks_of_concurrent_submitters_have_one_result_each() {
    const EACH: u32 = 2000;
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let mut checks = Checks::start();
    // Small batches, so that the engine often sleeps and is woken.
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (engine, host) = (&checks.engine, &host);
            scope.spawn(move || {
                for id in thread * EACH..(thread + 1) * EACH {
                    let mut batch = Vec::new();
                    request(id, host, port).encode(&mut batch);
                    engine.submit(&batch);
                }
            });
        }
    });
    let mut seen = vec![0; 4 * EACH as usize];
    let records = checks.take(seen.len());
    records.iter().for_each(|record| seen[record.id as usize] += 1);
    assert!(seen.iter().all(|count| *count == 1));
    assert_reported(&target, &records);
}
