//! An open port is up, a closed one refused, and the application sees no connection.

mod common;

use std::net::IpAddr;

use common::{Checks, accepted, assert_reported, free_address, host_and_port, listener, request};
use tcp_shaker::record::Request;
use tcp_shaker::status::Status;

#[test]
fn a_listening_port_is_up_and_accept_never_returns() {
    for at in ["127.0.0.1:0", "[::1]:0"] {
        let target = listener(at);
        let address = target.local_addr().unwrap();
        let (host, port) = host_and_port(address);
        let mut checks = Checks::start();
        let records: Vec<_> = (0..100).map(|id| checks.check(request(id, &host, port))).collect();
        for record in &records {
            assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
            assert_eq!((record.code, record.retransmits), (0, 0));
            assert_eq!(record.ip(), Some(address.ip()));
            assert!(record.rtt > 0.0 && record.duration > 0.0, "{record:?}");
            assert_eq!(record.dns_time, 0.0);
        }
        assert_reported(&target, &records);
    }
}

#[test]
fn a_closed_port_is_refused() {
    for at in ["127.0.0.1:0", "[::1]:0"] {
        let address = free_address(at);
        let (host, port) = host_and_port(address);
        let record = Checks::start().check(request(1, &host, port));
        assert_eq!(Status::from_code(record.status), Some(Status::Refused), "{record:?}");
        assert_eq!(record.code, rustix::io::Errno::CONNREFUSED.raw_os_error());
        assert_eq!(record.ip(), Some(address.ip()));
    }
}

#[test]
fn an_ipv4_address_in_ipv6_form_is_probed_as_ipv4_and_spoils_no_socket() {
    let (v4, v6) = (listener("127.0.0.1:0"), listener("[::1]:0"));
    let (v4_port, v6_port) = (v4.local_addr().unwrap().port(), v6.local_addr().unwrap().port());
    let mut checks = Checks::start();
    for (id, host) in ["::ffff:127.0.0.1", "::ffff:127.0.0.1%lo"].into_iter().enumerate() {
        let record = checks.check(request(id as u32, host, v4_port));
        assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
        assert_eq!(record.ip(), Some(IpAddr::from([127, 0, 0, 1])));
        let record = checks.check(request(9, "::1", v6_port));
        assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
    }
    assert_eq!((accepted(&v4), accepted(&v6)), (0, 0));
}

#[test]
fn without_zero_linger_the_handshake_is_full() {
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let mut checks = Checks::start();
    for id in 0..10 {
        let record = checks.check(Request { zero_linger: false, ..request(id, &host, port) });
        assert_eq!((Status::from_code(record.status), record.full), (Some(Status::Up), 1), "{record:?}");
        let record = checks.check(request(id, &host, port));
        assert_eq!((Status::from_code(record.status), record.full), (Some(Status::Up), 0), "{record:?}");
    }
    assert_eq!(accepted(&target), 10);
}

#[test]
fn each_of_many_mixed_targets_has_its_own_outcome() {
    let targets = [listener("127.0.0.1:0"), listener("[::1]:0")];
    let up: Vec<_> = targets.iter().map(|target| target.local_addr().unwrap()).collect();
    let refused = [free_address("127.0.0.1:0"), free_address("[::1]:0")];
    let all: Vec<_> = up.iter().copied().chain(refused).map(host_and_port).collect();
    let mut checks = Checks::start();
    checks.submit((0..4000).map(|id| {
        let (host, port) = &all[id as usize % all.len()];
        request(id, host, *port)
    }));
    let mut seen = vec![0; 4000];
    for record in checks.take(4000) {
        seen[record.id as usize] += 1;
        let expected = if record.id % 4 < 2 { Status::Up } else { Status::Refused };
        assert_eq!(Status::from_code(record.status), Some(expected), "{record:?}");
        assert_eq!(record.ip().unwrap().to_string(), all[record.id as usize % 4].0);
    }
    assert!(seen.iter().all(|count| *count == 1));
    assert!(targets.iter().all(|target| accepted(target) == 0));
}
