//! The scenario of a network: rules by address and port, as JSON.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use fastrand::Rng;
use ipnet::IpNet;
use serde::Deserialize;

use crate::tun::Link;

/// The description of a network and of its log.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scenario {
    /// The seed of random behaviour.
    pub seed: u64,
    /// Whether each segment is logged, or segments are only counted.
    pub log: bool,
    /// The link layer of the device.
    #[serde(default)]
    pub link: Link,
    /// The lateness in ms from which an answer is reported; absent to report none.
    late_after: Option<f64>,
    /// Whether the device is read all the time, which narrows the times between which a segment was sent.
    #[serde(default)]
    pub spins: bool,
    /// The first rule that matches applies. Without a match a SYN is not answered.
    pub rules: Vec<Rule>,
}

/// A rule for SYNs to some addresses and ports.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// The addresses; all of both families if absent.
    pub to: Option<IpNet>,
    /// One port, or the first and the last; all if absent.
    ports: Option<Ports>,
    /// The numbers of the lost SYNs to a port of a host, counted from 1 over all source ports.
    #[serde(default)]
    pub lose_syns: Vec<u32>,
    /// The number of RSTs of a handshake that are lost.
    #[serde(default)]
    pub lose_resets: u32,
    /// The share of lost packets in both directions, 0 to 1.
    #[serde(default)]
    pub loss: f64,
    /// The time in ms after the first SYN at which the host wakes up and handles all packets.
    #[serde(default)]
    wakes_after: f64,
    /// The answers to each SYN.
    #[serde(default)]
    pub replies: Vec<Reply>,
}

/// One answer to a SYN.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reply {
    pub send: Answer,
    /// The delay after the SYN, in ms.
    #[serde(default)]
    after: Delay,
    /// The numbers of the SYNs with this answer, counted like lost SYNs; all if absent.
    syns: Option<Vec<u32>>,
    /// The time in ms after which it is retransmitted unless a RST has arrived. It doubles each time.
    retransmit_after: Option<f64>,
}

/// The packet of an answer.
#[derive(Clone, Copy, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Answer {
    SynAck {
        /// An offset of the acknowledgment number.
        #[serde(default)]
        off: i32,
        #[serde(default = "full_window")]
        window: u16,
        /// Whether it has Linux's options. SYN proxies send none.
        #[serde(default = "yes")]
        options: bool,
        /// The number of bytes of data, as with TCP Fast Open (RFC 7413).
        #[serde(default)]
        data: usize,
    },
    /// The RST of a closed port.
    Refusal {
        /// An offset of the acknowledgment number.
        #[serde(default)]
        off: i32,
        /// The number of bytes of data, which may state the reason (RFC 9293, section 3.5.3).
        #[serde(default)]
        data: usize,
    },
    /// A SYN, as in a simultaneous open.
    Syn,
    /// A segment with a wrong checksum.
    Damaged,
    /// The RST of an established connection, after a SYN-ACK.
    Reset {
        /// An offset of the sequence number.
        #[serde(default)]
        off: i32,
    },
    /// A byte of data, before the last ACK.
    Data,
    /// A FIN, before the last ACK.
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

/// A delay in ms: fixed, or random between two bounds.
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
    /// The time after the first SYN at which the host wakes up.
    pub fn wakes_after(&self) -> Duration {
        Duration::from_secs_f64(self.wakes_after / 1000.0)
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

    /// Whether the behaviour depends on the number or the time of earlier SYNs.
    pub fn counts_syns(&self) -> bool {
        !self.lose_syns.is_empty() || self.wakes_after > 0.0 || self.replies.iter().any(|reply| reply.syns.is_some())
    }

    /// Whether an answer may lead to a handshake.
    pub fn has_handshakes(&self) -> bool {
        self.replies.iter().any(|reply| matches!(reply.send, Answer::SynAck { .. } | Answer::Reset { .. }))
    }
}

impl Reply {
    /// Whether the n-th SYN gets this answer.
    pub fn is_for(&self, syn: u32) -> bool {
        self.syns.as_ref().is_none_or(|syns| syns.contains(&syn))
    }

    /// The delay after the SYN.
    pub fn delay(&self, rng: &mut Rng) -> Duration {
        let ms = match self.after {
            Delay::Fixed(ms) => ms,
            Delay::Uniform(from, to) => from + rng.f64() * (to - from),
        };
        Duration::from_secs_f64(ms / 1000.0)
    }

    /// The time after which it is first retransmitted.
    pub fn retransmit_after(&self) -> Option<Duration> {
        self.retransmit_after.map(|ms| Duration::from_secs_f64(ms / 1000.0))
    }
}

impl Default for Delay {
    fn default() -> Self {
        Self::Fixed(0.0)
    }
}
