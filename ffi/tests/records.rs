//! Records: any bytes decode without a panic, and any encoded request decodes to the same.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use tcp_shaker::record::{AddressRecord, Family, Host, Malformed, Request, RequestRecord, Resolve, requests};

/// A request's fields.
type Fields = (u32, AnyHost, u16, u32, u32, Option<Family>, Resolve, bool);

/// An owned host.
#[derive(Clone, Debug)]
enum AnyHost {
    Name(String),
    Addresses(Vec<AddressRecord>),
}

impl AnyHost {
    fn borrow(&self) -> Host<'_> {
        match self {
            Self::Name(name) => Host::Name(name),
            Self::Addresses(addresses) if addresses.len() == 1 => Host::Address(addresses[0]),
            Self::Addresses(addresses) => Host::Addresses(addresses),
        }
    }
}

fn hosts() -> impl Strategy<Value = AnyHost> {
    let address = any::<([u8; 16], [u8; 15], u8)>();
    let address = address.prop_map(|(ip, zone, family)| AddressRecord { ip, zone, family });
    prop_oneof![
        vec(any::<char>(), 0..40).prop_map(|name| AnyHost::Name(String::from_iter(name))),
        vec(address, 1..4).prop_map(AnyHost::Addresses),
    ]
}

fn fields() -> impl Strategy<Value = Fields> {
    let family = prop_oneof![Just(None), Just(Some(Family::V4)), Just(Some(Family::V6))];
    let resolve = prop_oneof![Just(Resolve::Any), Just(Resolve::First), Just(Resolve::All), Just(Resolve::Lookup)];
    (any::<u32>(), hosts(), any::<u16>(), 0..=i32::MAX as u32, any::<u32>(), family, resolve, any::<bool>())
}

/// A batch, and the end of each request.
fn encode(all: &[Fields]) -> (Vec<u8>, Vec<usize>) {
    let (mut batch, mut ends) = (Vec::new(), Vec::new());
    for (id, host, port, ms, wait, family, resolve, zero_linger) in all {
        let (timeout, queue_timeout) = (Duration::from_millis((*ms).into()), queue_timeout(*wait));
        let (id, port, family, resolve, zero_linger) = (*id, *port, *family, *resolve, *zero_linger);
        let host = host.borrow();
        Request { id, host, port, timeout, queue_timeout, family, resolve, zero_linger }.encode(&mut batch);
        ends.push(batch.len());
    }
    (batch, ends)
}

/// The limit of the time in queues; 0 for none.
fn queue_timeout(ms: u32) -> Option<Duration> {
    (ms > 0).then(|| Duration::from_millis(ms.into()))
}

/// A decoded request, in a form that can be compared.
fn read(batch: &[u8]) -> Vec<Result<String, Malformed>> {
    requests(batch).map(|request| request.map(|request| format!("{request:?}"))).collect()
}

fn bytes_of<'a>(host: &'a Host<'_>) -> &'a [u8] {
    match host {
        Host::Name(name) => name.as_bytes(),
        Host::Address(address) => bytemuck::bytes_of(address),
        Host::Addresses(addresses) => bytemuck::cast_slice(addresses),
    }
}

/// A record with a host length, and fewer bytes of host.
fn cut_host(length: u16, there: usize) -> Vec<u8> {
    let record = RequestRecord {
        host_length: length,
        is_name: 1,
        id: 7,
        port: 1,
        zero_linger: 1,
        ..bytemuck::Zeroable::zeroed()
    };
    [bytemuck::bytes_of(&record), &vec![b'a'; there]].concat()
}

proptest! {
    #[test]
    fn any_request_decodes_to_what_was_encoded(all in vec(fields(), 0..8)) {
        let (batch, _) = encode(&all);
        prop_assert_eq!(batch.len() % 8, 0);
        let read: Vec<_> = requests(&batch).map(Result::unwrap).collect();
        prop_assert_eq!(read.len(), all.len());
        for (read, (id, host, port, ms, wait, family, resolve, zero_linger)) in read.iter().zip(&all) {
            let timeout = Duration::from_millis((*ms).into());
            prop_assert_eq!((read.id, read.host, read.port, read.timeout), (*id, host.borrow(), *port, timeout));
            prop_assert_eq!(read.queue_timeout, queue_timeout(*wait));
            prop_assert_eq!((read.family, read.resolve, read.zero_linger), (*family, *resolve, *zero_linger));
        }
    }

    /// Any bytes decode without a panic, and each request is a part of them.
    #[test]
    fn any_bytes_are_decoded_to_their_end(bytes in vec(any::<u8>(), 0..2000)) {
        let read: Vec<_> = requests(&bytes).collect();
        prop_assert!(read.len() <= bytes.len() / size_of::<RequestRecord>() + 1);
        let cut_short = read.iter().position(|request| matches!(request, Err(Malformed { id: None })));
        prop_assert!(cut_short.is_none_or(|at| at + 1 == read.len()));
    }

    /// A record with arbitrary fields: the host is decoded as a whole, and each field is accepted or rejected.
    #[test]
    fn a_record_is_decoded_or_rejected(
        timeout in any::<f64>(), id in any::<u32>(), family in 0..8u8, resolve in 0..5u8, host in vec(any::<u8>(), 0..70),
        is_name in 0..2u8,
    ) {
        let host_length = host.len() as u16;
        let record = RequestRecord { timeout, id, port: 1, host_length, family, resolve, zero_linger: 1, is_name, queue_timeout: 0 };
        let mut batch = [bytemuck::bytes_of(&record), &host].concat();
        batch.resize(batch.len().next_multiple_of(8), 0);
        let good = (0.0..=f64::from(i32::MAX)).contains(&timeout)
            && [0, 4, 6].contains(&family)
            && resolve < 4
            && if is_name == 1 { std::str::from_utf8(&host).is_ok() } else { !host.is_empty() && host.len() % 32 == 0 };
        match requests(&batch).next().unwrap() {
            Ok(request) => prop_assert!(good && request.id == id && bytes_of(&request.host) == host),
            Err(malformed) => prop_assert_eq!((good, malformed.id), (false, Some(id))),
        }
        prop_assert_eq!(requests(&batch).count(), 1);
    }

    /// Requests before a damaged byte are decoded correctly, and no request is invented.
    #[test]
    fn a_damaged_batch_decodes_up_to_the_damage(
        all in vec(fields(), 1..8), bits in vec(any::<Index>(), 0..4), length in any::<Index>(),
    ) {
        let (whole, ends) = encode(&all);
        let mut damaged = whole.clone();
        let bits: Vec<_> = bits.iter().map(|bit| bit.index(whole.len() * 8)).collect();
        bits.iter().for_each(|bit| damaged[bit / 8] ^= 1 << (bit % 8));
        damaged.truncate(length.index(whole.len() + 1));
        let first = bits.iter().map(|bit| bit / 8).chain([damaged.len()]).min().unwrap();
        let intact = ends.iter().take_while(|end| **end <= first).count();
        prop_assert_eq!(&read(&damaged)[..intact], &read(&whole)[..intact]);
        // Every byte belongs to a request, or to a truncated one, which is the last.
        let inside = damaged.as_ptr_range();
        for request in requests(&damaged).filter_map(Result::ok) {
            let host = match &request.host {
                Host::Name(name) => name.as_bytes(),
                Host::Addresses(addresses) => bytemuck::cast_slice(addresses),
                // A copy.
                Host::Address(_) => continue,
            };
            let (host, is_empty) = (host.as_ptr_range(), host.is_empty());
            prop_assert!(is_empty || inside.start <= host.start && host.end <= inside.end);
        }
    }

    /// JavaScript's buffers may have any alignment.
    #[test]
    fn a_batch_decodes_alike_at_any_address(all in vec(fields(), 0..4), offset in 0..16usize) {
        let (batch, _) = encode(&all);
        let moved = [&vec![0xff; offset], &batch[..]].concat();
        prop_assert_eq!(read(&moved[offset..]), read(&batch));
    }

    /// A host length beyond the end of the batch is an error.
    #[test]
    fn a_truncated_host_is_rejected(length in 1..=u16::MAX, there in any::<Index>()) {
        let padded = usize::from(length).next_multiple_of(8);
        let there = there.index(padded);
        prop_assert_eq!(read(&cut_host(length, there)), [Err(Malformed { id: None })]);
        prop_assert!(read(&cut_host(length, padded))[0].is_ok());
    }
}
