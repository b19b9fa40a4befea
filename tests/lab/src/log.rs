//! The log of all segments.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use pcap_file::DataLink;
use pcap_file::pcap::{PcapHeader, PcapPacket, PcapWriter};
use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::segment::Flow;

/// The log of a run.
pub struct Log {
    folder: PathBuf,
    start: Instant,
    start_by_calendar: Duration,
    files: Option<Files>,
    counts: FxHashMap<Counted, u64>,
    late: BTreeSet<SocketAddr>,
}

/// The key of the counts: sender, kind, and whether the packets were lost.
type Counted = (Side, &'static str, bool);

struct Files {
    segments: BufWriter<File>,
    capture: PcapWriter<BufWriter<File>>,
}

/// A packet of a handshake.
#[derive(Clone, Copy, Serialize)]
pub struct Entry<'a> {
    pub from: Side,
    #[serde(flatten)]
    pub flow: Flow,
    /// "SYN", "SYN-ACK", "RST", "ACK", "FIN", "DATA", "ODD" or "ICMP".
    pub kind: &'static str,
    /// The reason why it did not arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<Loss>,
    /// The kinds of TCP options of a SYN.
    #[serde(skip_serializing_if = "<[u8]>::is_empty")]
    pub options: &'a [u8],
    #[serde(skip)]
    pub packet: &'a [u8],
}

/// A line in `segments.jsonl`.
#[derive(Serialize)]
struct Line<'a> {
    /// The time in microseconds since the start.
    at: f64,
    /// The kernel sent or received the packet between these times.
    earliest: f64,
    latest: f64,
    #[serde(flatten)]
    entry: Entry<'a>,
    /// The TOS byte, or traffic class.
    #[serde(skip_serializing_if = "is_zero")]
    tos: u8,
}

/// The sender of a packet.
#[derive(Clone, Copy, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Side {
    Client,
    Host,
}

/// The reason why a packet did not arrive.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Loss {
    /// Lost by a rule of the scenario.
    Rule,
    /// A wrong checksum.
    Damaged,
}

impl Log {
    /// Starts the log. Without `whole`, packets are only counted.
    pub fn create(folder: &Path, whole: bool) -> anyhow::Result<Self> {
        Ok(Self {
            folder: folder.to_owned(),
            start: Instant::now(),
            start_by_calendar: SystemTime::now().duration_since(UNIX_EPOCH)?,
            files: whole.then(|| Files::create(folder)).transpose()?,
            counts: FxHashMap::default(),
            late: BTreeSet::new(),
        })
    }

    /// Whether packets are logged, and not only counted.
    pub fn is_whole(&self) -> bool {
        self.files.is_some()
    }

    /// Records that a host was late.
    pub fn add_late(&mut self, host: SocketAddr) {
        self.late.insert(host);
    }

    /// Logs a packet that the kernel sent or received within a time.
    pub fn add(&mut self, within: RangeInclusive<Instant>, entry: Entry<'_>) -> anyhow::Result<()> {
        *self.counts.entry((entry.from, entry.kind, entry.lost.is_some())).or_default() += 1;
        let Some(files) = &mut self.files else { return Ok(()) };
        let [earliest, latest] = [within.start(), within.end()].map(|time| *time - self.start);
        // The bounds are chosen so that a logged round trip time is not longer than the real one.
        let since = if entry.from == Side::Client { latest } else { earliest };
        let micros = |time: Duration| time.as_nanos() as f64 / 1000.0;
        let [at, earliest, latest] = [since, earliest, latest].map(micros);
        let line = Line { at, earliest, latest, entry, tos: tos(entry.packet) };
        serde_json::to_writer(&mut files.segments, &line)?;
        files.segments.write_all(b"\n")?;
        let packet = PcapPacket::new(self.start_by_calendar + since, entry.packet.len() as u32, entry.packet);
        files.capture.write_packet(&packet)?;
        Ok(())
    }

    pub fn finish(self) -> anyhow::Result<()> {
        if let Some(Files { mut segments, capture }) = self.files {
            segments.flush()?;
            capture.into_writer().flush()?;
        }
        let counts: BTreeMap<_, _> = self.counts.into_iter().map(|(counted, count)| (name(counted), count)).collect();
        serde_json::to_writer(File::create(self.folder.join("counts.json"))?, &counts)?;
        serde_json::to_writer(File::create(self.folder.join("late.json"))?, &self.late)?;
        Ok(())
    }
}

impl Files {
    fn create(folder: &Path) -> anyhow::Result<Self> {
        let create = |name| File::create(folder.join(name)).with_context(|| format!("Cannot create {name}"));
        let header = PcapHeader { datalink: DataLink::RAW, ..PcapHeader::default() };
        Ok(Self {
            segments: BufWriter::new(create("segments.jsonl")?),
            capture: PcapWriter::with_header(BufWriter::new(create("segments.pcap")?), header)?,
        })
    }
}

fn tos(packet: &[u8]) -> u8 {
    match packet {
        [first, second, ..] if first >> 4 == 6 => first << 4 | second >> 4,
        [_, second, ..] => *second,
        _ => 0,
    }
}

fn is_zero(number: &u8) -> bool {
    *number == 0
}

/// "client SYN", "host SYN-ACK lost".
fn name((from, kind, is_lost): Counted) -> String {
    let side = match from {
        Side::Client => "client",
        Side::Host => "host",
    };
    let lost = if is_lost { " lost" } else { "" };
    format!("{side} {kind}{lost}")
}
