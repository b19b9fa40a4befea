//! Half-open TCP checks: SYN, SYN-ACK, RST, and never the last ACK.
//!
//! The engine ([`Engine`]) has one or more threads, each with its own sockets, epoll instance and timers. Two more
//! sockets belong to the calling thread, for lone checks of this host. Results go to an [`Outbox`], at which a thread of
//! Deno's pool waits. TypeScript calls only the functions of [`exports`].
//!
//! A module depends only on modules to its right:
//!
//! ```text
//! boundary -> engine -> reactor      -> transport -> config, record, status, address -> sys
//!                    -> sockets, raw ->
//! ```

#![deny(unsafe_code)]
#![warn(missing_docs)]

mod address;
mod boundary;
mod config;
mod engine;
mod family;
mod instant;
mod keys;
mod local_ports;
mod raw;
mod reactor;
pub mod record;
mod sockets;
pub mod status;
mod sys;
mod transport;

pub use boundary::exports;
pub use config::{Config, ConfigError, Kind};
pub use engine::{Engine, Outcome};
pub use reactor::outbox::Outbox;
#[cfg(feature = "faults")]
pub use sys::faults;
