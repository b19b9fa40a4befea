//! Records: whatever bytes come, and whatever is asked.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use tcp_shaker::record::{Family, Malformed, Request, RequestRecord, Resolve, requests};

fn fields() -> impl Strategy<Value = (u32, String, u16, u32, Option<Family>, Resolve, bool)> {
    let family = prop_oneof![Just(None), Just(Some(Family::V4)), Just(Some(Family::V6))];
    let resolve = prop_oneof![Just(Resolve::Any), Just(Resolve::First), Just(Resolve::All)];
    (any::<u32>(), "\\PC{0,40}", any::<u16>(), 0..=i32::MAX as u32, family, resolve, any::<bool>())
}

proptest! {
    #[test]
    fn any_request_is_read_as_it_was_written(all in vec(fields(), 0..8)) {
        let mut batch = Vec::new();
        for (id, host, port, ms, family, resolve, zero_linger) in &all {
            let timeout = Duration::from_millis((*ms).into());
            let (id, port, family, resolve, zero_linger) = (*id, *port, *family, *resolve, *zero_linger);
            Request { id, host, port, timeout, family, resolve, zero_linger }.encode(&mut batch);
        }
        prop_assert_eq!(batch.len() % 8, 0);
        let read: Vec<_> = requests(&batch).map(Result::unwrap).collect();
        prop_assert_eq!(read.len(), all.len());
        for (read, (id, host, port, ms, family, resolve, zero_linger)) in read.iter().zip(&all) {
            let timeout = Duration::from_millis((*ms).into());
            prop_assert_eq!((read.id, read.host, read.port, read.timeout), (*id, host.as_str(), *port, timeout));
            prop_assert_eq!((read.family, read.resolve, read.zero_linger), (*family, *resolve, *zero_linger));
        }
    }

    /// Nothing panics, nothing is made up, and the end is reached.
    #[test]
    fn any_bytes_are_read_to_their_end(bytes in vec(any::<u8>(), 0..2000)) {
        let read: Vec<_> = requests(&bytes).collect();
        prop_assert!(read.len() <= bytes.len() / size_of::<RequestRecord>() + 1);
        let cut_short = read.iter().position(|request| matches!(request, Err(Malformed { id: None })));
        prop_assert!(cut_short.is_none_or(|at| at + 1 == read.len()));
    }

    /// One record that is nearly right: of the host's bytes none is lost, and each field is either taken or refused.
    #[test]
    fn a_record_is_taken_as_it_is_or_refused(
        timeout in any::<f64>(), id in any::<u32>(), family in 0..8u8, resolve in 0..5u8, host in vec(any::<u8>(), 0..20),
    ) {
        let host_length = host.len() as u16;
        let record = RequestRecord { timeout, id, port: 1, host_length, family, resolve, zero_linger: 1, padding: [0; 5] };
        let mut batch = [bytemuck::bytes_of(&record), &host].concat();
        batch.resize(batch.len().next_multiple_of(8), 0);
        let good = (0.0..=f64::from(i32::MAX)).contains(&timeout)
            && [0, 4, 6].contains(&family)
            && resolve < 3
            && std::str::from_utf8(&host).is_ok();
        match requests(&batch).next().unwrap() {
            Ok(request) => prop_assert!(good && request.id == id && request.host.as_bytes() == host),
            Err(malformed) => prop_assert_eq!((good, malformed.id), (false, Some(id))),
        }
        prop_assert_eq!(requests(&batch).count(), 1);
    }
}
