//! Helpers of the engine's tests: submission of checks, receipt of results, and targets on loopback.

#![allow(dead_code, unused_imports, reason = "no test needs all of it")]

mod checks;
mod direct_engine;
pub mod namespace;
mod process;
mod targets;

use std::fs::OpenOptions;
use std::io::Write;
use std::time::{Duration, Instant};

pub use checks::Checks;
pub use direct_engine::DirectEngine;
pub use process::{open_files, threads};
pub use targets::{Silent, accepted, assert_reported, free_address, host_and_port, is_late, listener, request};

/// The number of checks of a test: `quick` in `deno task test`, `all` in `deno task test:all`.
pub fn scaled(all: u32, quick: u32) -> u32 {
    if std::env::var_os("TCP_SHAKER_ALL_COUNTS").is_some() { all } else { quick }
}

/// The time limit of each expected event, long enough for a busy machine.
pub const TIME_LIMIT: Duration = Duration::from_secs(120);

/// The number of each engine.
const NUMBER: u32 = 7;

/// Records the counts of a test for target/evidence.md; see tests/claims.ts and tests/support/evidence.ts. Texts are
/// printable ASCII, whose Debug form is JSON.
pub fn proves(file: &str, test: &str, claim: &str, counted: &str) {
    let Some(path) = std::env::var_os("TCP_SHAKER_EVIDENCE") else { return };
    let line = format!(r#"{{"claim":{claim:?},"file":{file:?},"test":{test:?},"counted":{counted:?}}}"#) + "\n";
    OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(line.as_bytes()).unwrap();
}

/// Polls a condition of the kernel, or of a thread that is not joined, because no event reports it.
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + TIME_LIMIT;
    while !condition() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::yield_now();
    }
}
