//! The records that cross the FFI boundary: packed structs, little-endian, the same bytes on both sides.
//!
//! TypeScript's offsets are generated from these structs (`deno task bindgen`), so there is one table.

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

/// A duration in ms, as records have it.
pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e6
}
