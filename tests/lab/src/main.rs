//! A simulated network behind a TUN or TAP device: answers for whole prefixes by the rules of a scenario, and logs each
//! segment.
//!
//! `lab FOLDER COMMAND ARG...` runs a command while the network works. The device `lab0` must exist, as made by
//! tests/support/lab.ts or bench/harness/lab.ts. The folder must contain `scenario.json` (see `scenario.rs`). After the
//! command has ended it also contains:
//! - `segments.jsonl`: the segments of both sides, in order (see `log.rs`),
//! - `segments.pcap`: the same, for Wireshark,
//! - `counts.json`: the number of segments of each kind,
//! - `late.json`: the hosts whose answers were late, and may have come after the deadline.
//!
//! The exit status is the command's.

#![deny(unsafe_code)]

mod host;
mod log;
mod network;
mod packet;
mod rng;
mod rules;
mod scenario;
mod scheduled_packet;
mod segment;
mod tun;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};

use crate::log::Log;
use crate::network::Network;
use crate::scenario::Scenario;
use crate::tun::Tun;

/// The exit status of a command that was ended by a signal, like a shell's.
const BY_SIGNAL: u8 = 128;

fn main() -> anyhow::Result<ExitCode> {
    let mut args = std::env::args_os().skip(1);
    let (Some(folder), Some(command)) = (args.next().map(PathBuf::from), args.next()) else {
        bail!("Usage: lab FOLDER COMMAND [ARG...]");
    };
    let scenario = Scenario::read(&folder.join("scenario.json"))?;
    let log = Log::create(&folder, scenario.log)?;
    let tun = Tun::open("lab0", scenario.link).context("Cannot open the device lab0")?;
    let mut network = Network::new(scenario, tun, log);
    let mut child = Command::new(&command).args(args).spawn().with_context(|| format!("Cannot run {command:?}"))?;
    let status = network.run_while(&mut child)?;
    network.finish()?;
    Ok(ExitCode::from(status.code().map_or(BY_SIGNAL, |code| code as u8)))
}
