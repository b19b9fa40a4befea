//! Direct checks: a lone check of a loopback address is finished before its submission returns; others go to the engine
//! thread.

mod common;

use std::net::SocketAddr;
use std::time::Duration;

use common::{
    DirectEngine, Silent, accepted, assert_reported, free_address, host_and_port, listener, namespace, open_files,
    request,
};
use tcp_shaker::Config;
use tcp_shaker::record::{Family, Request, ResultRecord};
use tcp_shaker::status::Status;

fn status(record: &ResultRecord) -> Status {
    Status::from_code(record.status).unwrap()
}

#[test]
fn a_lone_check_of_loopback_is_answered_by_the_submitting_call() {
    for at in ["127.0.0.1:0", "[::1]:0"] {
        let target = listener(at);
        let direct = DirectEngine::new();
        let open = target.local_addr().unwrap();
        let expected = [(open, Status::Up), (free_address(at), Status::Refused)];
        let mut records = Vec::new();
        for id in 0..100 {
            let (address, outcome) = expected[id as usize % 2];
            let (host, port) = host_and_port(address);
            assert!(direct.submit(&[request(id, &host, port)]));
            let [record] = direct.take()[..] else { panic!("one result was due") };
            assert_eq!((record.engine, record.id, record.more), (7, id, 0));
            assert_eq!((status(&record), record.ip()), (outcome, Some(address.ip())));
            assert_eq!((record.rtt > 0.0, record.duration > 0.0), (outcome == Status::Up, true));
            records.push(record);
        }
        assert_reported(&target, &records);
    }
}

#[test]
fn direct_checks_reuse_one_socket() {
    // In a separate process, because the other tests open sockets too.
    if !namespace::entered("direct_checks_reuse_one_socket", ":") {
        return;
    }
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let direct = DirectEngine::new();
    assert!(direct.submit(&[request(0, &host, port)]));
    let open = open_files();
    let mut records = Vec::new();
    for id in 1..100 {
        records.extend(direct.take());
        assert!(direct.submit(&[request(id, &host, port)]));
    }
    records.extend(direct.take());
    assert_eq!(open_files(), open);
    drop(direct);
    assert_reported(&target, &records);
}

/// The number of TCP segments that this namespace has sent, including retransmissions.
fn segments_sent() -> u32 {
    let table = std::fs::read_to_string("/proc/net/snmp").unwrap();
    let mut rows = table.lines().filter_map(|line| line.strip_prefix("Tcp: ")).map(str::split_whitespace);
    let (names, numbers) = (rows.next().unwrap(), rows.next().unwrap());
    let counters: Vec<_> = names.zip(numbers).filter(|(name, _)| ["OutSegs", "RetransSegs"].contains(name)).collect();
    assert_eq!(counters.len(), 2);
    counters.iter().map(|(_, count)| count.parse::<u32>().unwrap()).sum()
}

#[test]
fn an_unanswered_direct_check_goes_to_the_engine_and_each_syn_is_counted() {
    const NAME: &str = "an_unanswered_direct_check_goes_to_the_engine_and_each_syn_is_counted";
    if !namespace::entered(NAME, ":") {
        return;
    }
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    let direct = DirectEngine::new();
    let sent = segments_sent();
    assert!(!direct.submit(&[Request { timeout: Duration::from_millis(20), ..request(1, &host, port) }]));
    let record = direct.next();
    assert_eq!((status(&record), record.ip()), (Status::Timeout, Some(silent.address.ip())));
    assert!(record.duration >= 20.0);
    assert_eq!((record.retransmits, segments_sent() - sent), (1, 2));

    // With a limit on SYNs only the engine thread sends them.
    let limited = DirectEngine::with(Config { syn_retries: Some(0), ..Config::default() });
    let sent = segments_sent();
    assert!(!limited.submit(&[Request { timeout: Duration::from_millis(20), ..request(1, &host, port) }]));
    let record = limited.next();
    assert_eq!((status(&record), record.retransmits, segments_sent() - sent), (Status::Timeout, 0, 1));

    let direct = DirectEngine::new();
    let sent = segments_sent();
    assert!(!direct.submit(&[request(2, &host, port)]));
    common::eventually("the engine has sent its SYN", || segments_sent() - sent == 2);
    // The accept queue has room for the third SYN.
    assert_eq!(accepted(&silent.listener), 1);
    let record = direct.next();
    assert_eq!((status(&record), record.retransmits, record.full), (Status::Up, 2, 0));
    assert_eq!(accepted(&silent.listener), 0);
}

#[test]
fn only_a_check_of_one_loopback_address_is_direct() {
    let target = listener("127.0.0.1:0");
    let port = target.local_addr().unwrap().port();
    let one = request(1, "127.0.0.1", port);
    for (other, outcome) in [
        (request(1, "localhost", port), Status::Up),
        (Request { zero_linger: false, ..one }, Status::Up),
        (Request { family: Some(Family::V6), ..one }, Status::Unresolved),
    ] {
        let direct = DirectEngine::new();
        assert!(!direct.submit(&[other]));
        assert_eq!(status(&direct.next()), outcome);
    }
    let direct = DirectEngine::new();
    assert!(!direct.submit(&[one, request(2, "127.0.0.1", port)]));
    let mut ids = Vec::new();
    while ids.len() < 2 {
        direct.wait();
        ids.extend(direct.take().iter().map(|record| record.id));
    }
    assert_eq!(ids, [1, 2]);
}

#[test]
fn a_check_beside_others_is_not_direct() {
    let (target, silent) = (listener("127.0.0.1:0"), Silent::new());
    let up = |id| {
        let address: SocketAddr = target.local_addr().unwrap();
        request(id, "127.0.0.1", address.port())
    };
    // The result of the first check was not fetched yet.
    let direct = DirectEngine::new();
    assert_eq!([1, 2].map(|id| direct.submit(&[up(id)])), [true, false]);
    let mut ids: Vec<_> = direct.take().iter().map(|record| record.id).collect();
    while ids.len() < 2 {
        direct.wait();
        ids.extend(direct.take().iter().map(|record| record.id));
    }
    assert_eq!(ids, [1, 2]);
    // A check is pending in the engine thread.
    let direct = DirectEngine::new();
    let (host, port) = host_and_port(silent.address);
    assert!(!direct.submit(&[request(1, &host, port)]));
    for id in 2..10 {
        assert!(!direct.submit(&[up(id)]));
        assert_eq!(direct.next().id, id);
    }
    // After its end the engine is soon idle.
    direct.engine.cancel(1);
    common::eventually("the engine is idle", || {
        let answered = direct.submit(&[up(10)]);
        if !answered {
            direct.wait();
        }
        direct.take();
        answered
    });
}
