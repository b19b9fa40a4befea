//! Direct checks: a lone check of a loopback address is finished before its submission returns; all others go to the
//! engine.

mod common;

use std::net::SocketAddr;
use std::time::Duration;

use common::{
    Asked, Silent, accepted, assert_reported, free_address, host_and_port, listener, namespace, open_files, request,
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
        let asked = Asked::new();
        let open = target.local_addr().unwrap();
        let expected = [(open, Status::Up), (free_address(at), Status::Refused)];
        let mut records = Vec::new();
        for id in 0..100 {
            let (address, outcome) = expected[id as usize % 2];
            let (host, port) = host_and_port(address);
            assert!(asked.ask(&[request(id, &host, port)]));
            let [record] = asked.take()[..] else { panic!("one result was due") };
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
    // In a process of its own: the other tests open sockets, too.
    if !namespace::entered("direct_checks_reuse_one_socket", ":") {
        return;
    }
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let asked = Asked::new();
    assert!(asked.ask(&[request(0, &host, port)]));
    let open = open_files();
    let mut records = Vec::new();
    for id in 1..100 {
        records.extend(asked.take());
        assert!(asked.ask(&[request(id, &host, port)]));
    }
    records.extend(asked.take());
    assert_eq!(open_files(), open);
    drop(asked);
    assert_reported(&target, &records);
}

/// TCP segments that this namespace has sent, retransmissions included.
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
    let asked = Asked::new();
    let sent = segments_sent();
    assert!(!asked.ask(&[Request { timeout: Duration::from_millis(20), ..request(1, &host, port) }]));
    let record = asked.next();
    assert_eq!((status(&record), record.ip()), (Status::Timeout, Some(silent.address.ip())));
    assert!(record.duration >= 20.0);
    assert_eq!((record.retransmits, segments_sent() - sent), (1, 2));

    // With a limit of SYNs the engine alone sends them.
    let limited = Asked::with(Config { syn_retries: Some(0), ..Config::default() });
    let sent = segments_sent();
    assert!(!limited.ask(&[Request { timeout: Duration::from_millis(20), ..request(1, &host, port) }]));
    let record = limited.next();
    assert_eq!((status(&record), record.retransmits, segments_sent() - sent), (Status::Timeout, 0, 1));

    let asked = Asked::new();
    let sent = segments_sent();
    assert!(!asked.ask(&[request(2, &host, port)]));
    common::eventually("the engine has sent its SYN", || segments_sent() - sent == 2);
    // The third SYN finds room.
    assert_eq!(accepted(&silent.listener), 1);
    let record = asked.next();
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
        let asked = Asked::new();
        assert!(!asked.ask(&[other]));
        assert_eq!(status(&asked.next()), outcome);
    }
    let asked = Asked::new();
    assert!(!asked.ask(&[one, request(2, "127.0.0.1", port)]));
    let mut ids = Vec::new();
    while ids.len() < 2 {
        asked.wait();
        ids.extend(asked.take().iter().map(|record| record.id));
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
    // Beside one whose result was not fetched yet ...
    let asked = Asked::new();
    assert_eq!([1, 2].map(|id| asked.ask(&[up(id)])), [true, false]);
    let mut ids: Vec<_> = asked.take().iter().map(|record| record.id).collect();
    while ids.len() < 2 {
        asked.wait();
        ids.extend(asked.take().iter().map(|record| record.id));
    }
    assert_eq!(ids, [1, 2]);
    // ... and one that the engine has.
    let asked = Asked::new();
    let (host, port) = host_and_port(silent.address);
    assert!(!asked.ask(&[request(1, &host, port)]));
    for id in 2..10 {
        assert!(!asked.ask(&[up(id)]));
        assert_eq!(asked.next().id, id);
    }
    // Once it has ended, the engine is soon idle.
    asked.engine.cancel(1);
    common::eventually("the engine is idle", || {
        let answered = asked.ask(&[up(10)]);
        if !answered {
            asked.wait();
        }
        asked.take();
        answered
    });
}
