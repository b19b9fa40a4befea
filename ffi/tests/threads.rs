//! An engine with several threads has the guarantees of an engine with one.

mod common;

use std::collections::BTreeSet;
use std::fs::read_dir;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{
    Checks, Silent, eventually, free_address, host_and_port, listener, namespace, open_files, proves, request, threads,
};
use rustix::io::Errno;
use tcp_shaker::record::{Request, Resolve};
use tcp_shaker::status::Status;
use tcp_shaker::{Config, Engine, Kind, Outbox, Outcome};

const HOUR: Duration = Duration::from_secs(3600);

fn start(threads: u8) -> Checks {
    Checks::start_as(Config { extra_threads: threads - 1, ..Config::default() }, |_| {})
}

fn status(code: u8) -> Status {
    Status::from_code(code).unwrap()
}

#[test]
fn each_check_of_several_threads_has_one_result() {
    let up = listener("127.0.0.1:0");
    let (host, port) = host_and_port(up.local_addr().unwrap());
    let (closed_host, closed_port) = host_and_port(free_address("127.0.0.1:0"));
    let silent = Silent::new();
    let (silent_host, silent_port) = host_and_port(silent.address);
    for threads in [2, 3] {
        let mut checks = start(threads);
        checks.submit((0..900).map(|id| match id % 4 {
            0 => request(id, &host, port),
            1 => request(id, &closed_host, closed_port),
            2 => request(id, "localhost", port),
            _ => Request { timeout: Duration::from_millis(20), ..request(id, &silent_host, silent_port) },
        }));
        let mut seen = [0; 900];
        for record in checks.take(900) {
            seen[record.id as usize] += 1;
            let expected = [Status::Up, Status::Refused, Status::Up, Status::Timeout][record.id as usize % 4];
            assert_eq!(status(record.status), expected, "{record:?}");
        }
        assert_eq!(seen, [1; 900]);
        assert!(checks.leftovers().is_empty());
    }
}

#[test]
fn checks_are_spread_over_all_threads() {
    if !namespace::entered("checks_are_spread_over_all_threads", "") {
        return;
    }
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    for threads in [1, 2, 3] {
        let mut checks = start(threads);
        checks.submit((0..30).map(|id| Request { timeout: HOUR, ..request(id, &host, port) }));
        checks.leftovers();
        // An epoll instance has one socket per check of its thread, and the waker.
        let start = Instant::now();
        let counts = loop {
            let mut counts = epoll_counts();
            counts.retain(|count| *count > 2);
            // On a busy machine a thread may not have started its last checks.
            if counts.iter().sum::<usize>() >= 30 + usize::from(threads) || start.elapsed() > Duration::from_secs(10) {
                break counts;
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        assert_eq!(counts.len(), usize::from(threads), "{counts:?}");
        let even = 30 / usize::from(threads);
        assert!(counts.iter().all(|count| (even..even + 4).contains(count)), "{counts:?}");
    }
}

/// The number of descriptors in each epoll instance of this process.
fn epoll_counts() -> Vec<usize> {
    let infos = read_dir("/proc/self/fdinfo").unwrap();
    let texts = infos.filter_map(|info| std::fs::read_to_string(info.unwrap().path()).ok());
    texts.map(|text| text.lines().filter(|line| line.starts_with("tfd:")).count()).collect()
}

#[test]
fn several_threads_share_the_window_of_one() {
    for kind in [Kind::Sockets, Kind::Raw] {
        let window = |extra_threads| {
            let outbox = Arc::new(Outbox::default());
            let config = Config { kind, extra_threads, ..Config::default() };
            Engine::start(1, outbox, config).map(|engine| engine.window())
        };
        // Without CAP_NET_RAW there is no raw engine.
        let (Ok(one), Ok(three)) = (window(0), window(2)) else { continue };
        // Two more threads have an epoll instance and a waker each, and other tests open descriptors too.
        assert!(three <= one + 2000 && three + 2000 >= one, "{one} {three}");
    }
}

#[test]
fn checks_of_all_threads_wait_for_ports_to_one_target() {
    const SETUP: &str = "echo 61000 61007 > /proc/sys/net/ipv4/ip_local_port_range";
    if !namespace::entered("checks_of_all_threads_wait_for_ports_to_one_target", SETUP) {
        return;
    }
    let up = listener("127.0.0.1:80");
    let (host, port) = host_and_port(up.local_addr().unwrap());
    let silents: Vec<_> = (2..8).map(|host| Silent::at(&format!("127.0.0.{host}:81"))).collect();
    let mut answered = 0;
    for threads in [2, 3] {
        let mut checks = start(threads);
        for _ in 0..20 {
            checks.submit((0..400).map(|id| match id % 2 {
                0 => request(id, &host, port),
                _ => {
                    let address = silents[id as usize / 2 % silents.len()].address;
                    let host = Box::leak(address.ip().to_string().into_boxed_str());
                    Request { timeout: Duration::from_millis(2), ..request(id, host, address.port()) }
                }
            }));
            for record in checks.take(400) {
                let expected = if record.id % 2 == 0 { Status::Up } else { Status::Timeout };
                assert_eq!(status(record.status), expected, "{record:?}");
                answered += 1;
            }
        }
    }
    let counted = format!("8 local ports, 400 checks at once, 2 and 3 threads: {answered} true verdicts");
    proves(file!(), "checks_of_all_threads_wait_for_ports_to_one_target", "scarcity", &counted);
}

#[test]
fn a_host_without_ipv6_fails_at_once_in_all_threads() {
    const SETUP: &str = "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6";
    if !namespace::entered("a_host_without_ipv6_fails_at_once_in_all_threads", SETUP) {
        return;
    }
    let mut checks = start(3);
    checks.submit((0..100).map(|id| Request { timeout: HOUR, ..request(id, "::1", 1000 + id as u16) }));
    for record in checks.take(100) {
        assert_eq!((status(record.status), record.code), (Status::LocalError, Errno::ADDRNOTAVAIL.raw_os_error()));
    }
}

#[test]
fn a_cancelled_check_has_no_result_on_any_thread() {
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    let mut checks = start(3);
    let short = Duration::from_millis(10);
    checks.submit((0..300).map(|id| Request { timeout: HOUR, ..request(id, &host, port) }));
    checks.submit((300..600).map(|id| Request {
        timeout: HOUR,
        resolve: Resolve::All,
        ..request(id, "localhost", port)
    }));
    (0..600).for_each(|id| checks.engine.cancel(id));
    checks.submit((1000..1300).map(|id| Request { timeout: short, ..request(id, &host, port) }));
    let ids: BTreeSet<_> = checks.take(300).into_iter().map(|record| record.id).filter(|id| *id >= 1000).collect();
    let early: usize = 300 - ids.len();
    // Only checks of names, which are on loopback, may end before their cancellation.
    let rest = checks.take(early);
    assert!(rest.iter().all(|record| record.id >= 300));
}

#[test]
fn stopping_ends_all_threads_and_closes_all_sockets() {
    if !namespace::entered("stopping_ends_all_threads_and_closes_all_sockets", "") {
        return;
    }
    let silent = Silent::new();
    let (host, port) = host_and_port(silent.address);
    let descriptors = open_files();
    for extra_threads in [1, 2] {
        let outbox = Arc::new(Outbox::default());
        let config = Config { extra_threads, ..Config::default() };
        let engine = Engine::start(1, outbox, config).unwrap();
        let mut batch = Vec::new();
        (0..300).for_each(|id| Request { timeout: HOUR, ..request(id, &host, port) }.encode(&mut batch));
        engine.submit(&batch);
        // A thread sets its name after its start.
        eventually("the threads run", || threads("shaker-engine") == 1 + usize::from(extra_threads));
        assert_eq!(engine.stop(), Outcome::Stopped);
        drop(engine);
        assert_eq!((open_files(), threads("shaker-engine")), (descriptors, 0));
    }
}
