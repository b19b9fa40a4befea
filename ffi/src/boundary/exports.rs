//! The exported functions that TypeScript calls. They return a panic as a code, because it must not cross the boundary.

// The macro generates `#[unsafe(no_mangle)]` functions, and converts the pointers that Deno passes to slices.
#![allow(unsafe_code)]

use std::panic::{AssertUnwindSafe, catch_unwind};

use deno_bindgen::deno_bindgen;
use rustix::io::Errno;

use crate::boundary::registry;
use crate::config::{Config, ConfigError};
use crate::engine::Engine;
use crate::reactor::outbox::Outbox;
use crate::status::end::{PANICKED, UNKNOWN_HANDLE};

/// The version of this library, one byte each for major, minor and patch.
#[deno_bindgen]
pub fn shaker_version() -> u32 {
    const fn number(digits: &str) -> u32 {
        let mut value = 0;
        let mut rest = digits.as_bytes();
        while let [digit, tail @ ..] = rest {
            value = value * 10 + (*digit - b'0') as u32;
            rest = tail;
        }
        value
    }
    const VERSION: u32 = number(env!("CARGO_PKG_VERSION_MAJOR")) << 16
        | number(env!("CARGO_PKG_VERSION_MINOR")) << 8
        | number(env!("CARGO_PKG_VERSION_PATCH"));
    VERSION
}

/// Opens an outbox for the results of any number of engines. Returns its handle, above 0, or a code.
#[deno_bindgen]
pub fn shaker_open() -> i32 {
    guard(PANICKED, || registry::open_outbox() as i32)
}

/// Waits until an outbox has results, or is rung or closed. Returns 0 or a code.
///
/// The call blocks one of the 32 threads of Deno's pool, so an isolate has only one outbox.
#[deno_bindgen(non_blocking)]
pub fn shaker_wait(outbox: u32) -> i32 {
    with_outbox(outbox, Outbox::wait)
}

/// Returns 1 if a thread is waiting at an outbox, 0 if none is, or a code.
#[deno_bindgen]
pub fn shaker_has_waiter(outbox: u32) -> i32 {
    guard(PANICKED, || registry::outbox(outbox).map_or(UNKNOWN_HANDLE, |outbox| outbox.has_waiter().into()))
}

/// Ends the current wait, or the next one. Returns 0 or a code.
#[deno_bindgen]
pub fn shaker_ring(outbox: u32) -> i32 {
    with_outbox(outbox, Outbox::ring)
}

/// Fills `room`, a whole number of records, with results of an outbox, oldest first. Returns the number of results, or a
/// code.
#[deno_bindgen]
pub fn shaker_take(outbox: u32, room: &mut [u8]) -> i32 {
    guard(PANICKED, || match (registry::outbox(outbox), bytemuck::try_cast_slice_mut(room)) {
        (None, _) => UNKNOWN_HANDLE,
        (_, Err(_)) => -Errno::INVAL.raw_os_error(),
        (Some(outbox), Ok(room)) => outbox.take(room) as i32,
    })
}

/// Closes an outbox. Returns 0 or a code.
#[deno_bindgen]
pub fn shaker_close(outbox: u32) -> i32 {
    guard(PANICKED, || registry::close_outbox(outbox).map_or(UNKNOWN_HANDLE, |()| 0))
}

/// Starts an engine whose results go to an outbox, with a configuration record. Returns its handle, above 0, or a code:
/// the panic's, or `-errno`. Above its lower 16 bits is the [`Setting`](crate::status::Setting) that the system rejects.
#[deno_bindgen]
pub fn shaker_start(outbox: u32, config: &[u8]) -> i32 {
    guard(PANICKED, || {
        let started = Config::decode(config).and_then(|config| registry::start_engine(outbox, config));
        started.map_or_else(ConfigError::code, |handle| handle as i32)
    })
}

/// Submits a batch of request records to an engine. The batch must not be empty, because Deno passes an empty buffer as
/// a null pointer, which is not a valid slice. Returns the number of results that are already in the outbox, which the
/// caller must fetch, or a code.
#[deno_bindgen]
pub fn shaker_submit(handle: u32, batch: &[u8]) -> i32 {
    with_engine(handle, |engine| engine.submit_or_answer(batch).into())
}

/// Cancels a check. Returns 0 or a code.
#[deno_bindgen]
pub fn shaker_cancel(handle: u32, id: u32) -> i32 {
    with_engine(handle, |engine| {
        engine.cancel(id);
        0
    })
}

/// Returns the maximum number of probes in flight of an engine; 0 for an unknown handle.
#[deno_bindgen]
pub fn shaker_window(handle: u32) -> u32 {
    guard(0, || registry::engine(handle).map_or(0, |engine| engine.window() as u32))
}

/// Stops an engine, and waits for its threads. Returns how the engine ended: 0, `-errno`, or a code.
///
/// It runs on a thread of Deno's pool, because closing thousands of sockets takes time.
#[deno_bindgen(non_blocking)]
pub fn shaker_stop(handle: u32) -> i32 {
    guard(PANICKED, || registry::remove_engine(handle).map_or(UNKNOWN_HANDLE, |engine| engine.stop().code()))
}

/// Fault injection for tests: makes the next call of a kind fail with an errno, or panic for an errno of 0. The bindings
/// do not contain it.
#[cfg(feature = "faults")]
#[unsafe(no_mangle)]
pub extern "C" fn shaker_fault(call: u32, errno: i32) {
    use crate::sys::faults::{Call, Fault, Plan, arm};
    let Some(call) = Call::ALL.get(call as usize) else { return };
    let fault = if errno == 0 { Fault::Panic } else { Fault::Error(Errno::from_raw_os_error(errno)) };
    arm(Plan { call: *call, fault, after: 0, every: 1, times: 1 });
}

fn with_engine(handle: u32, act: impl FnOnce(&Engine) -> i32) -> i32 {
    guard(PANICKED, || registry::engine(handle).map_or(UNKNOWN_HANDLE, |engine| act(&engine)))
}

fn with_outbox(handle: u32, act: impl FnOnce(&Outbox)) -> i32 {
    guard(PANICKED, || match registry::outbox(handle) {
        Some(outbox) => {
            act(&outbox);
            0
        }
        None => UNKNOWN_HANDLE,
    })
}

/// Catches a panic. Unwind safety: all shared state is behind locks that ignore poison, and is consistent at each point
/// where code under a lock can panic.
fn guard<T>(panicked: T, act: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or(panicked)
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;

    use super::*;
    use crate::record::{ConfigRecord, ResultRecord};

    fn start(outbox: u32) -> i32 {
        let config = ConfigRecord { syn_retries: -1, ..ConfigRecord::zeroed() };
        shaker_start(outbox, (&raw const config).cast(), size_of::<ConfigRecord>() as u32)
    }

    #[test]
    fn results_are_taken_as_whole_records() {
        let outbox = shaker_open() as u32;
        const SIZE: u32 = size_of::<ResultRecord>() as u32;
        let mut room = [ResultRecord::zeroed()];
        let mut take = |handle, bytes| shaker_take(handle, room.as_mut_ptr().cast(), bytes);
        assert_eq!((take(outbox, SIZE), take(outbox, SIZE - 1)), (0, -Errno::INVAL.raw_os_error()));
        assert_eq!(shaker_close(outbox), 0);
        assert_eq!(take(outbox, SIZE), UNKNOWN_HANDLE);
    }

    #[test]
    #[cfg_attr(miri, ignore = "Miri has no sockets")]
    fn a_handle_is_valid_until_its_engine_is_stopped() {
        let batch = [0u8; 8];
        let submit = |handle| shaker_submit(handle, batch.as_ptr().cast(), 0);
        let outbox = shaker_open() as u32;
        let handle = start(outbox) as u32;
        assert!(shaker_window(handle) > 0);
        assert_eq!((submit(handle), shaker_cancel(handle, 1)), (0, 0));
        assert_eq!(shaker_stop(handle), 0);
        assert_eq!((submit(handle), shaker_cancel(handle, 1)), (UNKNOWN_HANDLE, UNKNOWN_HANDLE));
        assert_eq!((shaker_stop(handle), shaker_window(handle)), (UNKNOWN_HANDLE, 0));
        assert_eq!(shaker_stop(0), UNKNOWN_HANDLE);
        assert_eq!(shaker_close(outbox), 0);
    }

    #[test]
    #[cfg_attr(miri, ignore = "Miri has no sockets")]
    fn a_closed_outbox_starts_nothing_and_waits_for_nothing() {
        let outbox = shaker_open() as u32;
        let handle = start(outbox) as u32;
        assert_eq!((shaker_ring(outbox), shaker_wait(outbox)), (0, 0));
        assert_eq!(shaker_close(outbox), 0);
        assert_eq!((shaker_window(handle), start(outbox)), (0, -Errno::BADF.raw_os_error()));
        assert_eq!((shaker_ring(outbox), shaker_wait(outbox)), (UNKNOWN_HANDLE, UNKNOWN_HANDLE));
        assert_eq!(shaker_has_waiter(outbox), UNKNOWN_HANDLE);
        assert_eq!(shaker_close(outbox), UNKNOWN_HANDLE);
    }
}
