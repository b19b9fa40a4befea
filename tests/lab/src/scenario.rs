//! What the network is like: rules by address and port, written in JSON by the tests.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use fastrand::Rng;
use ipnet::IpNet;
use serde::Deserialize;

use crate::tun::Link;

/// A network, and how much of it is put down.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scenario {
    /// What is random is so in the same way for the same seed.
    pub seed: u64,
    /// Whether each segment is logged, or all are only counted.
    pub log: bool,
    /// What is before the packets of the device.
    #[serde(default)]
    pub link: Link,
    /// The lateness in ms from which an answer is reported; none is if absent.
    late_after: Option<f64>,
    /// The first one that fits holds. Where none does, there is silence.
    pub rules: Vec<Rule>,
}

/// A rule: how SYNs to some addresses and ports are treated.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// All addresses of both families if absent.
    pub to: Option<IpNet>,
    /// One, or first and last; all if absent.
    ports: Option<Ports>,
    /// Which SYNs to a port of a host are lost, counted from 1 over all source ports.
    #[serde(default)]
    pub lose_syns: Vec<u32>,
    /// How many RSTs of a handshake get lost on their way.
    #[serde(default)]
    pub lose_resets: u32,
    /// The share of all packets, either way, that get lost: 0 to 1.
    #[serde(default)]
    pub loss: f64,
    /// How long after the first SYN, in ms, a host wakes up and finds all that came.
    #[serde(default)]
    asleep: f64,
    /// What each SYN is answered with.
    #[serde(default)]
    pub replies: Vec<Reply>,
}

/// One answer to a SYN.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reply {
    pub send: Answer,
    /// How long after the SYN, in ms.
    #[serde(default)]
    after: Delay,
    /// Which SYNs to a port of a host get this answer, counted as those that get lost are; all if absent.
    syns: Option<Vec<u32>>,
    /// After how many ms it is sent again unless the RST has come, and after twice that again, and so on.
    again: Option<f64>,
}

/// What is sent.
#[derive(Clone, Copy, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Answer {
    SynAck {
        /// What is added to the acknowledgment number, which is right with 0.
        #[serde(default)]
        off: i32,
        #[serde(default = "full_window")]
        window: u16,
        /// Whether it has the options that Linux sends. SYN proxies send none.
        #[serde(default = "yes")]
        options: bool,
        /// Bytes of data that come with it (RFC 7413 has some do so).
        #[serde(default)]
        data: usize,
    },
    /// The RST of a closed port.
    Refusal {
        /// As of a SYN-ACK.
        #[serde(default)]
        off: i32,
        /// Bytes of data that say why (RFC 9293, section 3.5.3).
        #[serde(default)]
        data: usize,
    },
    /// A SYN of the host's own, as if it were to check us at the same time.
    Syn,
    /// A segment whose checksum is wrong.
    Damaged,
    /// The RST of a connection that was there: after a SYN-ACK.
    Reset {
        /// What is added to the sequence number, which is right with 0.
        #[serde(default)]
        off: i32,
    },
    /// A byte of data, before the last ACK.
    Data,
    /// The end of the host's data, before the last ACK.
    Fin,
    /// An ICMP or, for an IPv6 address, ICMPv6 message that quotes the SYN.
    Icmp {
        #[serde(rename = "type")]
        kind: u8,
        code: u8,
    },
}

#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Ports {
    One(u16),
    Range(u16, u16),
}

/// A time in ms: one, or any between two.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Delay {
    Fixed(f64),
    Uniform(f64, f64),
}

fn full_window() -> u16 {
    u16::MAX
}

fn yes() -> bool {
    true
}

impl Scenario {
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let read = || anyhow::Ok(serde_json::from_slice(&std::fs::read(path)?)?);
        read().with_context(|| format!("Cannot read {}", path.display()))
    }

    /// The lateness from which an answer is reported.
    pub fn late_after(&self) -> Option<Duration> {
        self.late_after.map(|ms| Duration::from_secs_f64(ms / 1000.0))
    }
}

impl Rule {
    /// How long after the first SYN the host wakes up.
    pub fn asleep(&self) -> Duration {
        Duration::from_secs_f64(self.asleep / 1000.0)
    }

    pub fn has_address(&self, address: &IpAddr) -> bool {
        self.to.is_none_or(|net| net.contains(address))
    }

    pub fn has_port(&self, port: u16) -> bool {
        match self.ports {
            None => true,
            Some(Ports::One(one)) => one == port,
            Some(Ports::Range(first, last)) => (first..=last).contains(&port),
        }
    }

    /// Whether it makes a difference how many SYNs there were before, and when.
    pub fn counts_syns(&self) -> bool {
        !self.lose_syns.is_empty() || self.asleep > 0.0 || self.replies.iter().any(|reply| reply.syns.is_some())
    }

    /// Whether there is anything that a handshake could come of.
    pub fn has_handshakes(&self) -> bool {
        self.replies.iter().any(|reply| matches!(reply.send, Answer::SynAck { .. } | Answer::Reset { .. }))
    }
}

impl Reply {
    /// Whether the n-th SYN gets this answer.
    pub fn is_for(&self, syn: u32) -> bool {
        self.syns.as_ref().is_none_or(|syns| syns.contains(&syn))
    }

    /// How long after the SYN it is due.
    pub fn delay(&self, rng: &mut Rng) -> Duration {
        let ms = match self.after {
            Delay::Fixed(ms) => ms,
            Delay::Uniform(from, to) => from + rng.f64() * (to - from),
        };
        Duration::from_secs_f64(ms / 1000.0)
    }

    /// How long after that it is sent again.
    pub fn again(&self) -> Option<Duration> {
        self.again.map(|ms| Duration::from_secs_f64(ms / 1000.0))
    }
}

impl Default for Delay {
    fn default() -> Self {
        Self::Fixed(0.0)
    }
}
