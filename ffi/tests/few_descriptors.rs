//! A check waits for a descriptor instead of failing.

mod common;

use std::fs::File;
use std::time::Duration;

use common::{Checks, Silent, assert_reported, host_and_port, listener, proves, request};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, setrlimit};
use tcp_shaker::record::{Request, ResultRecord};
use tcp_shaker::status::Status;

/// A single test, because the limit and the descriptors belong to the process.
#[test]
fn checks_wait_for_descriptors() {
    let limit = Rlimit { current: Some(100), maximum: Some(100) };
    setrlimit(Resource::Nofile, limit).unwrap();
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let silent = Silent::new();
    let (silent_host, silent_port) = host_and_port(silent.address);
    let mut checks = Checks::start();
    let window = checks.engine.window();
    assert!((10..84).contains(&window), "{window}");

    // More checks than the window. Half of them hold their sockets until their timeout.
    let request_of = |id| match id % 2 {
        0 => request(id, &host, port),
        _ => Request { timeout: Duration::from_millis(20), ..request(id, &silent_host, silent_port) },
    };
    let expect = |records: &[ResultRecord]| -> usize {
        let mut seen = vec![0; records.len()];
        for record in records {
            seen[record.id as usize] += 1;
            let expected = if record.id % 2 == 0 { Status::Up } else { Status::Timeout };
            assert_eq!(Status::from_code(record.status), Some(expected), "{record:?}");
        }
        assert!(seen.iter().all(|count| *count == 1), "{seen:?}");
        seen.len()
    };
    checks.submit((0..1000).map(request_of));
    let mut records = checks.take(1000);
    let all = expect(&records);

    // The host program has taken all descriptors of the window except five, which include the idle sockets.
    let mut taken = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        taken.push(file);
    }
    taken.truncate(taken.len() - 5);
    checks.submit((0..400).map(request_of));
    let among_five = checks.take(400);
    let with_five = expect(&among_five);

    // All descriptors are in use. Without a probe in flight the engine reports EMFILE after the timeout.
    drop(checks);
    taken.clear();
    let mut checks = Checks::start();
    while let Ok(file) = File::open("/dev/null") {
        taken.push(file);
    }
    checks.submit((0..20).map(|id| Request { timeout: Duration::from_millis(50), ..request(id, &host, port) }));
    // A name can't be looked up either, which is an error of this host.
    checks.submit([request(20, "localhost", port)]);
    let failed = checks.take(21);
    for record in &failed {
        assert_eq!(Status::from_code(record.status), Some(Status::LocalError), "{record:?}");
        assert_eq!(record.code, Errno::MFILE.raw_os_error());
    }

    // Once descriptors are free, waiting checks continue.
    checks.submit((0..20).map(|id| request(id, &host, port)));
    taken.truncate(taken.len() - 5);
    let up = checks.take(20);
    for record in &up {
        assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
    }
    drop(taken);
    let record = checks.check(request(20, "localhost", port));
    assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
    records.extend([among_five, up.clone(), vec![record]].concat());
    assert_reported(&target, &records);
    let counted = format!("{all} checks with {window} sockets, {with_five} with 5: all with the same results");
    proves(file!(), "checks_wait_for_descriptors", "scarcity", &counted);
    let counted =
        format!("socket() failed with EMFILE: {} checks report it, {} checks after it up", failed.len(), up.len());
    proves(file!(), "checks_wait_for_descriptors", "faults", &counted);
}
