//! Hundreds of thousands of checks in flight at once, and their memory.

mod common;

use std::time::Duration;

use common::namespace::entered;
use common::{Checks, proves, request};
use tcp_shaker::record::Request;
use tcp_shaker::{Config, Kind};

/// A quarter of a million, because tables have the same load factor as with the million of `deno task bench --only memory`.
const CHECKS: u32 = 250_000;
/// At least the size of a batch from TypeScript.
const BATCH: u32 = 4000;
/// The maximum memory of a check in bytes.
///
/// A check (80) and its probe (48) are 88 and 56 in their slotmaps, with a version each. Two hash tables find them by id
/// and by address and port: a key (8) and a control byte for each bucket, with 2.1 buckets per entry at this number of
/// checks, just after the tables have doubled. The timer heap has 16. That is 198; the queues' memory is the rest.
const LIMIT: usize = 210;

/// A veth pair whose other end drops every packet.
const SETUP: &str = "
    ip link add wire0 type veth peer name wire1
    ip addr add 192.0.2.1/24 dev wire0
    ip link set wire0 up
    ip link set wire1 up
    ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev wire0
    ip route add 198.18.0.0/15 via 192.0.2.9
";

#[test]
#[ignore = "deno task test:all runs it"]
fn a_check_in_flight_takes_at_most_210_bytes() {
    const NAME: &str = "a_check_in_flight_takes_at_most_210_bytes";
    if !entered(NAME, SETUP) {
        return;
    }
    let mut checks = Checks::start_as(Config { kind: Kind::Raw, ..Config::default() }, |_| {});
    let resident_before = resident();
    for first in (0..CHECKS).step_by(BATCH as usize) {
        let hosts: Vec<_> = (first..first + BATCH).map(host).collect();
        checks.submit((first..).zip(&hosts).map(|(id, host)| Request {
            timeout: Duration::from_secs(600),
            ..request(id, host, 80 + (id >> 17) as u16)
        }));
        // The answer to the last check shows that all earlier SYNs were sent.
        assert!(checks.leftovers().is_empty());
    }
    let bytes = (resident() - resident_before) / CHECKS as usize;
    assert!(bytes <= LIMIT, "{bytes} bytes each");
    proves(file!(), NAME, "scale", &format!("{CHECKS} checks of silent hosts in flight at once: {bytes} bytes each"));
}

/// The address with an index, of 131,072.
fn host(id: u32) -> String {
    let [_, b, c, d] = (id & 0x1_ffff).to_be_bytes();
    format!("198.{}.{c}.{d}", 18 + b)
}

/// Memory of this process, in bytes.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split_whitespace().nth(1).unwrap().parse().unwrap();
    pages * 4096
}
