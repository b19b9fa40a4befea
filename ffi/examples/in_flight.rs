//! Benchmark of the engine's memory per check in flight, without JavaScript: `in_flight TARGET CHECKS KIND`.
//!
//! KIND is `socket` or `raw`. The target must never answer; the checks are spread over its ports. Prints the growth of this
//! process's private memory in bytes per check, which includes empty slots of tables and memory that the allocator retains,
//! but not the kernel's sockets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tcp_shaker::record::{Host, Request, Resolve};
use tcp_shaker::{Config, Engine, Kind, Outbox};

#[path = "bare/arguments.rs"]
mod arguments;

use arguments::argument;

/// The size of TypeScript's batches in bytes.
const BATCH: usize = 64 * 1024;
/// A timeout longer than the measurement.
const TIMEOUT: Duration = Duration::from_secs(600);
/// The number of warm-up checks, for which memory is allocated once.
const WARM_UP: u32 = 100;

fn main() {
    let target: SocketAddr = argument(1, "TARGET");
    let checks: u32 = argument(2, "CHECKS");
    let kind = match argument::<String>(3, "KIND").as_str() {
        "socket" => Kind::Sockets,
        "raw" => Kind::Raw,
        other => panic!("KIND can't be {other}"),
    };
    let engine = Engine::start(1, Arc::new(Outbox::default()), Config { kind, ..Config::default() });
    let engine = engine.unwrap_or_else(|error| panic!("Cannot start the engine: {error:?}"));
    begin(&engine, target, 0..WARM_UP);
    let before = private_memory();
    begin(&engine, target, WARM_UP..WARM_UP + checks);
    println!("{{\"native\":{}}}", (private_memory() - before) as f64 / f64::from(checks));
}

/// Starts checks, and waits until all SYNs were sent.
fn begin(engine: &Engine, target: SocketAddr, ids: std::ops::Range<u32>) {
    let sent = packets_sent() + u64::from(ids.end - ids.start);
    let text = target.ip().to_string();
    let host = Host::from(text.as_str());
    let mut batch = Vec::with_capacity(BATCH);
    for id in ids {
        let port = 1 + (id % u32::from(u16::MAX)) as u16;
        let (family, resolve) = (None, Resolve::Any);
        Request { id, host, port, timeout: TIMEOUT, queue_timeout: None, family, resolve, zero_linger: true }
            .encode(&mut batch);
        if batch.len() > BATCH - 64 {
            engine.submit(&batch);
            batch.clear();
            // About the time between two batches of JavaScript.
            thread::sleep(Duration::from_millis(2));
        }
    }
    engine.submit(&batch);
    while packets_sent() < sent {
        thread::sleep(Duration::from_millis(1));
    }
}

/// The private memory in bytes, without file mappings (`RssAnon` of proc_pid_status(5)).
fn private_memory() -> u64 {
    1024 * field("/proc/self/status", "RssAnon:", 0)
}

/// The number of packets sent by `near`, the interface to the target.
fn packets_sent() -> u64 {
    field("/proc/net/dev", "near:", 9)
}

/// Reads a number of the line that starts with a name.
fn field(path: &str, name: &str, index: usize) -> u64 {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path} can't be read: {error}"));
    let line = text.lines().find_map(|line| line.trim_start().strip_prefix(name)).expect("the line is there");
    line.split_whitespace().nth(index).and_then(|number| number.parse().ok()).expect("it is a number")
}
