//! Hundreds of thousands of checks in flight at once, and their memory.

mod common;

use std::time::Duration;

use common::namespace::entered;
use common::{Checks, proves, request};
use tcp_shaker::record::Request;
use tcp_shaker::{Config, Kind};

/// A quarter of a million: tables are as full, or empty, as with a million, which `deno task bench --only memory` has.
const CHECKS: u32 = 250_000;
/// As many as TypeScript hands over at once, or more.
const BATCH: u32 = 4000;
/// What a check may take, in bytes.
///
/// A check (80) and its probe (48) are 88 and 56 in their slotmaps, with a version each. Two hash tables find them by id
/// and by address and port: a key (8) and a control byte for each bucket, with 2.1 buckets per entry at this number of
/// checks, just after the tables have doubled. The timer heap has 16. That is 198; the queues' memory is the rest.
const LIMIT: usize = 210;

/// A veth pair whose other end answers nothing: every packet vanishes.
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
fn checks_under_way_take_no_more_than_210_bytes_each() {
    const NAME: &str = "checks_under_way_take_no_more_than_210_bytes_each";
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
        // The one after them is answered when all of their SYNs are out.
        assert!(checks.leftovers().is_empty());
    }
    let bytes = (resident() - resident_before) / CHECKS as usize;
    assert!(bytes <= LIMIT, "{bytes} bytes each");
    proves(file!(), NAME, "scale", &format!("{CHECKS} checks of silent hosts in flight at once: {bytes} bytes each"));
}

/// One of 131,072 addresses.
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
