//! The records that cross the FFI boundary: little-endian structs without padding.
//!
//! TypeScript's offsets are generated from these structs by `deno task bindgen`.

mod address;
mod config;
mod layout;
mod request;
mod result;

use std::time::Duration;

pub use address::AddressRecord;
pub use config::ConfigRecord;
pub use layout::{LAYOUTS, Layout};
pub use request::{Host, MAX_TIMEOUT, Malformed, Request, RequestRecord, Resolve, requests, slices};
pub use result::{ResultRecord, offer};

pub use crate::family::Family;

#[cfg(target_endian = "big")]
compile_error!("records are little-endian and are not swapped");

/// Converts a duration to ms, the unit of times in records.
pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e6
}
