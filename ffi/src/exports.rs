//! Every function that TypeScript calls. A panic never leaves one: it becomes a code.

// The macro writes `#[unsafe(no_mangle)]` functions, and makes slices of the pointers that Deno passes.
#![allow(unsafe_code)]

use std::panic::{UnwindSafe, catch_unwind};

use deno_bindgen::deno_bindgen;
use rustix::io::Errno;

use crate::engine::{Engine, Outcome};
use crate::outbox::Delivery;
use crate::record::ResultRecord;
use crate::registry;
use crate::status::end::{PANICKED, UNKNOWN_HANDLE};

/// The signature of the JavaScript callback: a pointer to records and their number; 0 says that the engine ended.
type Callback = unsafe extern "C" fn(*const ResultRecord, u32);

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

/// Starts an engine which reports to `callback`. Returns its handle, above 0, or a code: `-errno`, or a panic's.
///
/// The callback is called from another thread, until `shaker_stop` has returned.
#[deno_bindgen]
pub fn shaker_start(callback: *const u8) -> i32 {
    // SAFETY: the caller passes the pointer of an `UnsafeCallback` with this signature, and keeps it open until
    // `shaker_stop` has returned; a null pointer is `None`.
    let callback = unsafe { std::mem::transmute::<*const u8, Option<Callback>>(callback) };
    let Some(callback) = callback else { return -Errno::INVAL.raw_os_error() };
    let receive = move |delivery: Delivery<'_>| {
        let (records, count) = match delivery {
            Delivery::Results(records) => (records.as_ptr(), records.len() as u32),
            Delivery::Ended => (std::ptr::null(), 0),
        };
        // SAFETY: as above; the records outlive the call, and JavaScript reads them inside it only.
        unsafe { callback(records, count) };
    };
    guard(PANICKED, move || match Engine::start(receive) {
        Ok(engine) => registry::insert(engine) as i32,
        Err(errno) => -errno.raw_os_error(),
    })
}

/// Hands a batch of request records, never an empty one (Deno passes it as a null pointer, which no slice may have), to
/// an engine. Returns 0 or a code.
#[deno_bindgen]
pub fn shaker_submit(handle: u32, batch: &[u8]) -> i32 {
    with_engine(handle, |engine| engine.submit(batch))
}

/// Forgets a check. Returns 0 or a code.
#[deno_bindgen]
pub fn shaker_cancel(handle: u32, id: u32) -> i32 {
    with_engine(handle, |engine| engine.cancel(id))
}

/// How many sockets an engine may hold, 0 when there is no such engine.
#[deno_bindgen]
pub fn shaker_window(handle: u32) -> u32 {
    guard(0, || registry::get(handle).map_or(0, |engine| engine.window() as u32))
}

/// Stops an engine, and waits for both of its threads. Returns how it ended: 0, an `errno`, or a code.
///
/// It may wait for a callback under way, so JavaScript calls it from a thread of Deno's pool.
#[deno_bindgen(non_blocking)]
pub fn shaker_stop(handle: u32) -> i32 {
    guard(PANICKED, || registry::remove(handle).map_or(UNKNOWN_HANDLE, |engine| engine.stop().code()))
}

/// Makes an engine panic: how the tests see that the process survives it. It is in no binding. Returns 0 or a code.
#[cfg(feature = "faults")]
#[unsafe(no_mangle)]
pub extern "C" fn shaker_fault(handle: u32) -> i32 {
    with_engine(handle, Engine::panic)
}

fn with_engine(handle: u32, act: impl FnOnce(&Engine) + UnwindSafe) -> i32 {
    guard(PANICKED, || match registry::get(handle) {
        Some(engine) => {
            act(&engine);
            Outcome::Stopped.code()
        }
        None => UNKNOWN_HANDLE,
    })
}

fn guard<T>(panicked: T, act: impl FnOnce() -> T + UnwindSafe) -> T {
    catch_unwind(act).unwrap_or(panicked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_callback_is_refused() {
        assert_eq!(shaker_start(std::ptr::null::<()>()), -Errno::INVAL.raw_os_error());
    }

    #[test]
    fn a_handle_is_good_until_its_engine_is_stopped() {
        unsafe extern "C" fn ignore(_: *const ResultRecord, _: u32) {}
        let batch = [0u8; 8];
        let submit = |handle| shaker_submit(handle, batch.as_ptr().cast(), 0);
        let handle = shaker_start(ignore as Callback as *const ()) as u32;
        assert!(shaker_window(handle) > 0);
        assert_eq!((submit(handle), shaker_cancel(handle, 1)), (0, 0));
        assert_eq!(shaker_stop(handle), 0);
        assert_eq!((submit(handle), shaker_cancel(handle, 1)), (UNKNOWN_HANDLE, UNKNOWN_HANDLE));
        assert_eq!((shaker_stop(handle), shaker_window(handle)), (UNKNOWN_HANDLE, 0));
        assert_eq!(shaker_stop(0), UNKNOWN_HANDLE);
    }
}
