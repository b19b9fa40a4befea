//! The codec of requests.

use super::*;

fn request(id: u32, host: &str) -> Request<'_> {
    Request {
        id,
        host: host.into(),
        port: 443,
        timeout: Duration::from_micros(1500),
        queue_timeout: Some(Duration::from_millis(u32::MAX.into())),
        family: Some(Family::V6),
        resolve: Resolve::All,
        zero_linger: true,
    }
}

#[test]
fn a_batch_decodes_to_what_was_encoded() {
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
    assert_eq!(read[1].queue_timeout, Some(Duration::from_millis(u32::MAX.into())));
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
fn a_malformed_request_is_an_error_with_its_id() {
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
