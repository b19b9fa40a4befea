//! The record of a request: one check.

use std::time::Duration;

use bytemuck::{Pod, Zeroable};

use super::{AddressRecord, milliseconds};
use crate::family::Family;

/// A requested check, followed by `host_length` bytes of host and padding to a multiple of 8. The host is a name in
/// UTF-8, or one or more [`AddressRecord`]s.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct RequestRecord {
    /// The timeout in ms, up to [`MAX_TIMEOUT`].
    pub timeout: f64,
    /// The caller's key, which each result repeats.
    pub id: u32,
    /// The port, 1 to 65535.
    pub port: u16,
    /// Length of the host in bytes.
    pub host_length: u16,
    /// The requested address family: 4, 6, or 0 for both.
    pub family: u8,
    /// A [`Resolve`].
    pub resolve: u8,
    /// 1 to end with a RST, 0 to end with a FIN.
    pub zero_linger: u8,
    /// 1 if the host is a name, 0 if it consists of addresses.
    pub is_name: u8,
    /// The maximum time in the engine's queues, in ms; 0 for no limit.
    pub queue_timeout: u32,
}

/// Which addresses of a name are probed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Resolve {
    /// In order, until one is up.
    #[default]
    Any = 0,
    /// Only the first one.
    First = 1,
    /// All, with one result per address.
    All = 2,
    /// None: each result has an address, and no SYN is sent.
    Lookup = 3,
}

/// A decoded request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The caller's key.
    pub id: u32,
    /// The host.
    pub host: Host<'a>,
    /// The port.
    pub port: u16,
    /// The timeout.
    pub timeout: Duration,
    /// The maximum time in the engine's queues, in whole ms above 0, if it is limited.
    pub queue_timeout: Option<Duration>,
    /// The requested address family.
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
    /// Several addresses, which are tried like the addresses of a name.
    Addresses(&'a [AddressRecord]),
}

/// Parses an address or a name, for callers in Rust.
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

/// The maximum timeout, 2^31-1 ms, about 25 days, so that a deadline can't overflow the clock.
pub const MAX_TIMEOUT: Duration = Duration::from_millis(i32::MAX as u64);

/// Splits a batch into its requests, in order. The last item of a truncated batch is an `Err`.
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

/// A malformed request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Malformed {
    /// The id of the request; `None` if the record is truncated.
    pub id: Option<u32>,
}

impl Request<'_> {
    /// Appends the request to a batch, for callers in Rust. The host must have at most 65,535 bytes.
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
            queue_timeout: self.queue_timeout.map_or(0, |limit| limit.as_millis() as u32),
        };
        batch.extend_from_slice(bytemuck::bytes_of(&record));
        batch.extend_from_slice(host);
        batch.resize(batch.len().next_multiple_of(8), 0);
    }
}

/// Splits a batch into the bytes of its requests, in order, without decoding them. The last slice of a truncated batch is
/// the incomplete request.
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
        queue_timeout: (record.queue_timeout > 0).then(|| Duration::from_millis(record.queue_timeout.into())),
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

#[cfg(test)]
mod tests;
