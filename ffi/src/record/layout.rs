//! The offsets of the records' fields, for the generator of TypeScript's table (`deno task bindgen`).

use std::mem::{offset_of, size_of};

use super::{AddressRecord, ConfigRecord, RequestRecord, ResultRecord};

/// A record's name, its size, and its fields' names and offsets.
pub type Layout = (&'static str, usize, &'static [(&'static str, usize)]);

macro_rules! layout {
    ($name:literal, $record:ty, $($field:ident as $alias:literal),+ $(,)?) => {
        ($name, size_of::<$record>(), &[$(($alias, offset_of!($record, $field))),+])
    };
}

/// The layouts of all records.
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
        queue_timeout as "queueTimeout",
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
