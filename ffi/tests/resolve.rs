//! Names: the probed addresses and their results.

mod common;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};
use std::time::Duration;

use common::{
    Checks, Silent, accepted, assert_reported, eventually, host_and_port, listener, namespace, proves, request, threads,
};
use tcp_shaker::record::{AddressRecord, Family, Host, Request, Resolve};
use tcp_shaker::status::Status;

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

/// A hosts file in which "both" has two addresses, and a resolver configuration with a silent name server.
const NAMES: &str = "mount -t tmpfs tmpfs /mnt; \
    printf '127.0.0.1 both\\n::1 both\\n127.0.0.1 four\\n' > /mnt/hosts; mount --bind /mnt/hosts /etc/hosts; \
    printf 'hosts: files dns\\n' > /mnt/nsswitch; mount --bind /mnt/nsswitch /etc/nsswitch.conf; \
    printf 'nameserver 127.0.0.53\\n' > /mnt/resolv; mount --bind /mnt/resolv \"$(readlink -f /etc/resolv.conf)\"";

fn bound_to_both() -> (TcpListener, TcpListener) {
    loop {
        let v4 = listener("127.0.0.1:0");
        if let Ok(v6) = TcpListener::bind((V6, v4.local_addr().unwrap().port())) {
            return (v4, v6);
        }
    }
}

#[test]
fn localhost_is_up_at_an_address_of_its_own() {
    let (v4, v6) = bound_to_both();
    let port = v4.local_addr().unwrap().port();
    let mut checks = Checks::start();
    for resolve in [Resolve::Any, Resolve::First] {
        let record = checks.check(Request { resolve, ..request(1, "localhost", port) });
        assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
        assert!(record.ip().unwrap().is_loopback());
        assert!(record.dns_time > 0.0 && record.dns_time < record.duration, "{record:?}");
    }
    assert_eq!((accepted(&v4), accepted(&v6)), (0, 0));
}

#[test]
fn a_lookup_returns_all_addresses_and_sends_nothing() {
    if !namespace::entered("a_lookup_returns_all_addresses_and_sends_nothing", NAMES) {
        return;
    }
    let targets = bound_to_both();
    let port = targets.0.local_addr().unwrap().port();
    let mut checks = Checks::start();
    checks.submit([Request { resolve: Resolve::Lookup, ..request(1, "both", port) }]);
    let records = checks.take(2);
    let reported: BTreeSet<_> = records.iter().map(|record| (record.status, record.ip().unwrap())).collect();
    assert_eq!(reported, [V4, V6].map(|ip| (Status::Resolved as u8, ip)).into());
    assert_eq!(records.iter().map(|record| record.more).collect::<Vec<_>>(), [1, 0]);
    assert!(records.iter().all(|record| record.id == 1 && record.dns_time > 0.0 && record.duration == record.dns_time));
    assert_eq!((accepted(&targets.0), accepted(&targets.1)), (0, 0));
    let none = checks.check(Request { resolve: Resolve::Lookup, family: Some(Family::V6), ..request(2, "four", port) });
    assert_eq!(Status::from_code(none.status), Some(Status::Unresolved));
}

#[test]
fn listed_addresses_are_tried_as_those_of_a_name() {
    let target = listener("127.0.0.3:0");
    let port = target.local_addr().unwrap().port();
    let mut checks = Checks::start();
    let addresses =
        |texts: &[&str]| -> Vec<_> { texts.iter().map(|text| AddressRecord::parse(text).unwrap()).collect() };
    let mut check = |id, addresses: &[AddressRecord]| {
        checks.check(Request { host: Host::Addresses(addresses), ..request(id, "", port) })
    };
    let record = check(1, &addresses(&["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"]));
    assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
    assert_eq!((record.ip(), record.dns_time), (Some([127, 0, 0, 3].into()), 0.0));
    let record = check(2, &addresses(&["127.0.0.1", "::1"]));
    assert_eq!(Status::from_code(record.status), Some(Status::Refused), "{record:?}");
    let invalid = AddressRecord { family: 5, ..addresses(&["127.0.0.1"])[0] };
    for invalid in [[addresses(&["127.0.0.1"])[0], invalid], [invalid; 2]] {
        let record = check(3, &invalid);
        assert_eq!(Status::from_code(record.status), Some(Status::LocalError), "{record:?}");
    }
}

#[test]
fn any_tries_the_next_address_when_one_refuses() {
    if !namespace::entered("any_tries_the_next_address_when_one_refuses", NAMES) {
        return;
    }
    let mut checks = Checks::start();
    for (at, ip) in [("127.0.0.1:0", V4), ("[::1]:0", V6)] {
        let target = listener(at);
        let port = target.local_addr().unwrap().port();
        let record = checks.check(request(1, "both", port));
        assert_eq!((Status::from_code(record.status), record.ip()), (Some(Status::Up), Some(ip)), "{record:?}");
        let first = checks.check(Request { resolve: Resolve::First, ..request(2, "both", port) });
        let expected = if first.ip() == Some(ip) { Status::Up } else { Status::Refused };
        assert_eq!(Status::from_code(first.status), Some(expected), "{first:?}");
    }
}

#[test]
fn all_has_one_result_per_address_and_marks_the_last() {
    if !namespace::entered("all_has_one_result_per_address_and_marks_the_last", NAMES) {
        return;
    }
    let target = listener("127.0.0.1:0");
    let port = target.local_addr().unwrap().port();
    let mut checks = Checks::start();
    checks.submit((0..200).map(|id| Request { resolve: Resolve::All, ..request(id, "both", port) }));
    let mut addresses = vec![BTreeSet::new(); 200];
    let records = checks.take(400);
    for record in &records {
        let expected = if record.ip() == Some(V4) { Status::Up } else { Status::Refused };
        assert_eq!(Status::from_code(record.status), Some(expected), "{record:?}");
        let seen = &mut addresses[record.id as usize];
        assert!(seen.insert(record.ip()), "{record:?}");
        assert_eq!(record.more == 0, seen.len() == 2, "{record:?}");
    }
    assert!(checks.leftovers().is_empty());
    assert_reported(&target, &records);
    let reported: usize = addresses.iter().map(BTreeSet::len).sum();
    let counted = format!("{} checks of a name with two addresses: {reported} results", addresses.len());
    proves(file!(), "all_has_one_result_per_address_and_marks_the_last", "names", &counted);
}

#[test]
fn only_the_requested_family_is_probed() {
    if !namespace::entered("only_the_requested_family_is_probed", NAMES) {
        return;
    }
    let (v4, _v6) = bound_to_both();
    let port = v4.local_addr().unwrap().port();
    let mut checks = Checks::start();
    for (family, ip) in [(Family::V4, V4), (Family::V6, V6)] {
        let record = checks.check(Request { family: Some(family), ..request(1, "both", port) });
        assert_eq!((Status::from_code(record.status), record.ip()), (Some(Status::Up), Some(ip)), "{record:?}");
        let other = if family == Family::V4 { "::1" } else { "127.0.0.1" };
        let record = checks.check(Request { family: Some(family), ..request(1, other, port) });
        assert_eq!((Status::from_code(record.status), record.ip()), (Some(Status::Unresolved), None), "{record:?}");
    }
}

#[test]
fn stuck_lookups_delay_neither_literals_nor_the_stop() {
    if !namespace::entered("stuck_lookups_delay_neither_literals_nor_the_stop", NAMES) {
        return;
    }
    // A silent name server, which the resolver queries for many seconds.
    let _server = std::net::UdpSocket::bind("127.0.0.53:53").unwrap();
    let mut checks = Checks::start();
    let names: Vec<_> = (0..100).map(|id| format!("name{id}.invalid")).collect();
    let timeout = Duration::from_millis(50);
    checks.submit(names.iter().zip(0..).map(|(name, id)| Request { timeout, ..request(id, name, 9) }));
    let mut records = checks.leftovers();
    // Half of the threads, which is a single zone's share. The other names wait.
    records.extend(checks.take(64 - records.len()));
    let reported = records.len();
    for record in records {
        assert!(record.id < 64, "{record:?}");
        assert_eq!(Status::from_code(record.status), Some(Status::ResolveTimeout), "{record:?}");
        assert!(record.duration >= 50.0 && record.dns_time == record.duration, "{record:?}");
    }
    // A name of another zone gets a thread.
    let other = checks.check(Request { timeout: Duration::from_secs(20), ..request(101, "both", 9) });
    assert_eq!(Status::from_code(other.status), Some(Status::Refused), "{other:?}");
    // If the clocks of the waiting checks ran, they would time out before this check.
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    let last = checks.check(Request { timeout: 4 * timeout, ..request(100, &host, port) });
    assert_eq!(Status::from_code(last.status), Some(Status::Timeout), "{last:?}");
    let stuck = threads("shaker-dns");
    assert_eq!(stuck, 65);
    drop(checks);
    // The engine thread is joined, and leaves /proc a moment later. Threads of lookups are still blocked.
    eventually("the thread has ended", || threads("shaker-engine") == 0);
    assert!(threads("shaker-dns") > 0);
    let counted =
        format!("{reported} lookups timed out, {stuck} of their threads still blocked, and the engine has ended");
    proves(file!(), "stuck_lookups_delay_neither_literals_nor_the_stop", "names", &counted);
}
