//! Thread creation.

use std::io;
use std::thread::{Builder, JoinHandle};

use super::faults::{self, Call};

/// Starts a thread with a name, which the system's tools show.
pub fn spawn<T: Send + 'static>(name: &str, run: impl FnOnce() -> T + Send + 'static) -> io::Result<JoinHandle<T>> {
    faults::pass(Call::SpawnThread)?;
    Builder::new().name(name.into()).spawn(run)
}
