//! The records that cross the FFI boundary: packed structs, little-endian, the same bytes on both sides.
//!
//! TypeScript's offsets are generated from these structs (`deno task bindgen`), so there is one table.

use std::mem::{offset_of, size_of};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytemuck::{Pod, Zeroable};
use rustix::net::AddressFamily;

pub use crate::address_record::AddressRecord;
use crate::status::Status;
use crate::sys::Peer;

#[cfg(target_endian = "big")]
compile_error!("records are little-endian and are not swapped");

/// A check to be made, followed by `host_length` bytes of host and padding up to a multiple of 8. The host is a name in
/// UTF-8, or one or more [`AddressRecord`]s.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct RequestRecord {
    /// Time allowed, in ms, up to [`MAX_TIMEOUT`].
    pub timeout: f64,
    /// The caller's key, given back in each result.
    pub id: u32,
    /// The port, 1 to 65535.
    pub port: u16,
    /// Length of the host in bytes.
    pub host_length: u16,
    /// Address family asked for: 4, 6, or 0 for either.
    pub family: u8,
    /// A [`Resolve`].
    pub resolve: u8,
    /// 1 to end with a RST, 0 to end with a FIN.
    pub zero_linger: u8,
    /// 1 if the host is a name, 0 if it is addresses.
    pub is_name: u8,
    /// Zeroes.
    pub padding: [u8; 4],
}

/// The configuration of an engine; [`crate::Config`] is its decoded form.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct ConfigRecord {
    /// The mark of packets, 0 for none.
    pub mark: u32,
    /// The most SYN retransmissions to an address; -1 for the system's default.
    pub syn_retries: i16,
    /// The TOS byte, or traffic class.
    pub tos: u8,
    /// The kind of engine: a [`Kind`](crate::Kind).
    pub kind: u8,
    /// The interface's name, padded with zeroes (`IFNAMSIZ`).
    pub interface: [u8; 16],
    /// The source address. All zeroes mean none.
    pub source: AddressRecord,
    /// How many SYNs a raw engine sends in a second at most, to other hosts; 0 for no limit.
    pub rate: u32,
    /// Engine threads beside the first one.
    pub extra_threads: u32,
}

/// Which addresses of a name are probed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Resolve {
    /// In order, until one is up.
    #[default]
    Any = 0,
    /// The first one only.
    First = 1,
    /// All of them, with one result per address.
    All = 2,
    /// None: the result lists the addresses, and no SYN is sent.
    Lookup = 3,
}

/// One check, decoded.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The caller's key.
    pub id: u32,
    /// The host.
    pub host: Host<'a>,
    /// The port.
    pub port: u16,
    /// The time allowed.
    pub timeout: Duration,
    /// The address family asked for.
    pub family: Option<Family>,
    /// Which addresses are probed.
    pub resolve: Resolve,
    /// Whether the probe ends with a RST.
    pub zero_linger: bool,
}

/// The host of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Host<'a> {
    /// A name.
    Name(&'a str),
    /// One address.
    Address(AddressRecord),
    /// Several addresses, which are tried as the addresses of a name are.
    Addresses(&'a [AddressRecord]),
}

/// Parses an address in text form, or takes a name, for callers in Rust.
impl<'a> From<&'a str> for Host<'a> {
    fn from(text: &'a str) -> Self {
        AddressRecord::parse(text).map_or(Self::Name(text), Self::Address)
    }
}

impl<'a> Host<'a> {
    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Name(name) => name.as_bytes(),
            Self::Address(address) => bytemuck::bytes_of(address),
            Self::Addresses(addresses) => bytemuck::cast_slice(addresses),
        }
    }

    fn decode(bytes: &'a [u8], is_name: bool) -> Option<Self> {
        if is_name {
            return Some(Self::Name(std::str::from_utf8(bytes).ok()?));
        }
        match bytemuck::try_cast_slice(bytes).ok()? {
            [] => None,
            [address] => Some(Self::Address(*address)),
            addresses => Some(Self::Addresses(addresses)),
        }
    }
}

/// An IP address family.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Family {
    /// IPv4
    V4,
    /// IPv6
    V6,
}

impl Family {
    /// The family of an address.
    pub fn of(address: &SocketAddr) -> Self {
        if address.is_ipv4() { Self::V4 } else { Self::V6 }
    }
}

impl From<Family> for AddressFamily {
    fn from(family: Family) -> Self {
        match family {
            Family::V4 => Self::INET,
            Family::V6 => Self::INET6,
        }
    }
}

/// The longest time allowed, 2^31-1 ms, about 25 days. (A deadline must be a time that the clock can show.)
pub const MAX_TIMEOUT: Duration = Duration::from_millis(i32::MAX as u64);

/// Splits a batch into its requests, in order. A batch that is cut short ends with an `Err`, and nothing after it.
pub fn requests(mut batch: &[u8]) -> impl Iterator<Item = Result<Request<'_>, Malformed>> {
    std::iter::from_fn(move || {
        if batch.is_empty() {
            return None;
        }
        match split_request(batch) {
            Some((request, rest)) => {
                batch = rest;
                Some(request)
            }
            None => {
                batch = &[];
                Some(Err(Malformed { id: None }))
            }
        }
    })
}

/// A request that can't be read: a fault of the caller.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Malformed {
    /// The id of the request, where it has one.
    pub id: Option<u32>,
}

impl Request<'_> {
    /// Appends the request to a batch: what TypeScript does, for callers in Rust. The host has at most 65,535 bytes.
    pub fn encode(&self, batch: &mut Vec<u8>) {
        let host = self.host.as_bytes();
        let record = RequestRecord {
            timeout: milliseconds(self.timeout),
            id: self.id,
            port: self.port,
            host_length: host.len() as u16,
            family: match self.family {
                None => 0,
                Some(Family::V4) => 4,
                Some(Family::V6) => 6,
            },
            resolve: self.resolve as u8,
            zero_linger: self.zero_linger.into(),
            is_name: matches!(self.host, Host::Name(_)).into(),
            padding: [0; 4],
        };
        batch.extend_from_slice(bytemuck::bytes_of(&record));
        batch.extend_from_slice(host);
        batch.resize(batch.len().next_multiple_of(8), 0);
    }
}

/// Splits a batch into the bytes of its requests, in order, without decoding them. A batch that is cut short ends with
/// what is left.
pub fn slices(mut batch: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        if batch.is_empty() {
            return None;
        }
        let length = split_record(batch).map_or(batch.len(), |(.., rest)| batch.len() - rest.len());
        let (first, rest) = batch.split_at(length);
        batch = rest;
        Some(first)
    })
}

type Split<'a> = (Result<Request<'a>, Malformed>, &'a [u8]);

fn split_request(batch: &[u8]) -> Option<Split<'_>> {
    let (record, host, rest) = split_record(batch)?;
    let request = decode(&record, host).ok_or(Malformed { id: Some(record.id) });
    Some((request, rest))
}

/// Splits off the first record and its host.
fn split_record(batch: &[u8]) -> Option<(RequestRecord, &[u8], &[u8])> {
    let (head, tail) = batch.split_at_checked(size_of::<RequestRecord>())?;
    let record: RequestRecord = bytemuck::pod_read_unaligned(head);
    let length = usize::from(record.host_length);
    let (padded, rest) = tail.split_at_checked(length.next_multiple_of(8))?;
    Some((record, &padded[..length], rest))
}

fn decode<'a>(record: &RequestRecord, host: &'a [u8]) -> Option<Request<'a>> {
    Some(Request {
        id: record.id,
        host: Host::decode(host, record.is_name != 0)?,
        port: record.port,
        timeout: Duration::try_from_secs_f64(record.timeout / 1000.0).ok().filter(|timeout| *timeout <= MAX_TIMEOUT)?,
        family: match record.family {
            0 => None,
            4 => Some(Family::V4),
            6 => Some(Family::V6),
            _ => return None,
        },
        resolve: match record.resolve {
            0 => Resolve::Any,
            1 => Resolve::First,
            2 => Resolve::All,
            3 => Resolve::Lookup,
            _ => return None,
        },
        zero_linger: record.zero_linger != 0,
    })
}

/// A finished check.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct ResultRecord {
    /// Time spent on name resolution, in ms.
    pub dns_time: f64,
    /// Time from the start of the check to its outcome, in ms, without the time in the engine's queues.
    pub duration: f64,
    /// The round trip time in ms, 0 when not up.
    pub rtt: f64,
    /// Time in the engine's queues, in ms.
    pub queue_time: f64,
    /// The address probed; an IPv4 address in the first four bytes.
    pub address: [u8; 16],
    /// The IPv6 scope id (interface index), 0 for none.
    pub scope: u32,
    /// The request's id.
    pub id: u32,
    /// An `errno`, an `EAI_*` or another code of [`unresolved`](crate::status::unresolved), or 0.
    pub code: i32,
    /// SYNs sent again.
    pub retransmits: u32,
    /// A [`Status`].
    pub status: u8,
    /// Family of the address: 4, 6, or 0 for none probed.
    pub family: u8,
    /// 1 when more results of the same id follow.
    pub more: u8,
    /// 1 when the handshake was completed: no zero linger was asked for, or the kernel's ACK had left already.
    pub full: u8,
    /// The number of the engine.
    pub engine: u32,
    /// The window of the SYN-ACK, in bytes.
    pub window: u32,
    /// The most that a segment to the peer may carry.
    pub mss: u16,
    /// What the SYN-ACK had: bits of [`offer`].
    pub offer: u8,
    /// The shift of the peer's window scale.
    pub window_scale: u8,
}

/// What a SYN-ACK may have. The bits of the options are the kernel's (`linux/tcp.h`).
pub mod offer {
    use linux_raw_sys::net;

    /// Timestamps.
    pub const TIMESTAMPS: u8 = net::TCPI_OPT_TIMESTAMPS as u8;
    /// Selective acknowledgments.
    pub const SACK: u8 = net::TCPI_OPT_SACK as u8;
    /// A window scale.
    pub const WINDOW_SCALE: u8 = net::TCPI_OPT_WSCALE as u8;
    /// Explicit congestion notification.
    pub const ECN: u8 = net::TCPI_OPT_ECN as u8;
    /// A window, as far as is known. (It always has one, but older kernels don't tell.)
    pub const WINDOW: u8 = 1 << 7;
}

impl ResultRecord {
    /// A result with a status, and nothing else known.
    pub fn new(id: u32, status: Status) -> Self {
        Self { id, status: status as u8, ..Self::zeroed() }
    }

    /// Sets the address that was probed.
    pub fn set_address(&mut self, address: &SocketAddr) {
        match address {
            SocketAddr::V4(v4) => {
                self.family = 4;
                self.address[..4].copy_from_slice(&v4.ip().octets());
            }
            SocketAddr::V6(v6) => {
                self.family = 6;
                self.address = v6.ip().octets();
                self.scope = v6.scope_id();
            }
        }
    }

    /// Sets the fields about the SYN-ACK.
    pub(crate) fn set_peer(&mut self, peer: &Peer) {
        self.offer = peer.options & (offer::TIMESTAMPS | offer::SACK | offer::WINDOW_SCALE | offer::ECN);
        self.window_scale = peer.window_scale;
        self.mss = u16::try_from(peer.mss).unwrap_or(u16::MAX);
        if let Some(window) = peer.window {
            self.offer |= offer::WINDOW;
            self.window = window;
        }
    }

    /// The address probed, if any.
    pub fn ip(&self) -> Option<IpAddr> {
        match self.family {
            4 => {
                let [a, b, c, d, ..] = self.address;
                Some(Ipv4Addr::new(a, b, c, d).into())
            }
            6 => Some(Ipv6Addr::from(self.address).into()),
            _ => None,
        }
    }
}

/// A duration in ms, as records have it.
pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e6
}

/// A record's name, its size, and its fields' names and offsets.
pub type Layout = (&'static str, usize, &'static [(&'static str, usize)]);

macro_rules! layout {
    ($name:literal, $record:ty, $($field:ident as $alias:literal),+ $(,)?) => {
        ($name, size_of::<$record>(), &[$(($alias, offset_of!($record, $field))),+])
    };
}

/// The layouts, for the generator of TypeScript's table.
pub const LAYOUTS: [Layout; 4] = [
    layout!("ADDRESS", AddressRecord, ip as "ip", zone as "zone", family as "family"),
    layout!(
        "REQUEST",
        RequestRecord,
        timeout as "timeout",
        id as "id",
        port as "port",
        host_length as "hostLength",
        family as "family",
        resolve as "resolve",
        zero_linger as "zeroLinger",
        is_name as "isName",
    ),
    layout!(
        "CONFIG",
        ConfigRecord,
        mark as "mark",
        syn_retries as "synRetries",
        tos as "tos",
        kind as "kind",
        interface as "interface",
        source as "source",
        rate as "rate",
        extra_threads as "extraThreads",
    ),
    layout!(
        "RESULT",
        ResultRecord,
        dns_time as "dnsTime",
        duration as "duration",
        rtt as "rtt",
        queue_time as "queueTime",
        address as "address",
        scope as "scope",
        id as "id",
        code as "code",
        retransmits as "retransmits",
        status as "status",
        family as "family",
        more as "more",
        full as "full",
        engine as "engine",
        window as "window",
        mss as "mss",
        offer as "offer",
        window_scale as "windowScale",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn request(id: u32, host: &str) -> Request<'_> {
        Request {
            id,
            host: host.into(),
            port: 443,
            timeout: Duration::from_micros(1500),
            family: Some(Family::V6),
            resolve: Resolve::All,
            zero_linger: true,
        }
    }

    #[test]
    fn a_batch_is_read_as_it_was_written() {
        let mut batch = Vec::new();
        for (id, host) in [(1, "192.0.2.1"), (u32::MAX, "example"), (3, "eightchr")] {
            request(id, host).encode(&mut batch);
        }
        let read: Vec<_> = requests(&batch).map(Result::unwrap).collect();
        assert_eq!(read.len(), 3);
        assert_eq!((read[0].id, read[0].host), (1, "192.0.2.1".into()));
        assert_eq!((read[1].id, read[1].host), (u32::MAX, Host::Name("example")));
        assert_eq!((read[2].id, read[2].host), (3, Host::Name("eightchr")));
        assert_eq!(read[1].timeout, Duration::from_micros(1500));
        assert_eq!((read[1].port, read[1].family, read[1].resolve), (443, Some(Family::V6), Resolve::All));
        assert!(read[1].zero_linger);
    }

    #[test]
    fn a_batch_cut_short_ends_with_an_error() {
        let mut batch = Vec::new();
        request(1, "192.0.2.1").encode(&mut batch);
        let whole = batch.len();
        request(2, "192.0.2.2").encode(&mut batch);
        for length in whole + 1..batch.len() {
            let read: Vec<_> = requests(&batch[..length]).collect();
            assert_eq!(read.len(), 2, "{length} bytes");
            assert_eq!(read[0].unwrap().id, 1);
            assert_eq!(read[1].unwrap_err(), Malformed { id: None });
        }
    }

    #[test]
    fn a_request_that_makes_no_sense_is_named() {
        for (timeout, family, resolve, host) in [
            (f64::NAN, 0, 0, 'a'),
            (-1.0, 0, 0, 'a'),
            (2_147_483_648.0, 0, 0, 'a'),
            (1.0, 5, 0, 'a'),
            (1.0, 0, 4, 'a'),
            (1.0, 0, 0, '\u{0}'),
        ] {
            let mut record =
                RequestRecord { timeout, id: 7, family, resolve, host_length: 1, is_name: 1, ..Zeroable::zeroed() };
            let mut tail = [host as u8, 0, 0, 0, 0, 0, 0, 0];
            if host == '\u{0}' {
                tail[0] = 0xff;
                record.timeout = 1.0;
            }
            let batch = [bytemuck::bytes_of(&record), &tail].concat();
            assert_eq!(requests(&batch).next().unwrap().unwrap_err(), Malformed { id: Some(7) });
        }
    }
}
