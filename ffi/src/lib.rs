//! Half-open TCP checks: SYN, SYN-ACK, RST, and never the last ACK.
//!
//! The engine ([`Engine`]) is one thread that owns the sockets, the epoll instance and the timers. Two sockets are an
//! exception: the calling thread uses them for a check that comes alone. Results go to an [`Outbox`], at which a thread
//! of Deno's pool waits. TypeScript calls the functions of [`exports`], and no others.
//!
//! ```text
//! exports -> registry -> engine -> mailbox -> reactor -> transport: sockets or raw
//!                          |-> direct           |-> checks, deadlines, resolver, outbox
//! ```

#![deny(unsafe_code)]
#![warn(missing_docs)]

mod address;
mod check;
mod config;
mod deadlines;
mod direct;
mod engine;
pub mod exports;
mod held_ack;
mod instant;
mod keys;
mod mailbox;
mod outbox;
mod probe;
mod probe_socket;
mod raw;
mod reactor;
pub mod record;
mod registry;
mod resolver;
mod shares;
mod sockets;
pub mod status;
mod sys;
mod transport;
mod work_queue;

pub use config::{Config, ConfigError, Kind};
pub use engine::{Engine, Outcome};
pub use outbox::Outbox;
#[cfg(feature = "faults")]
pub use sys::faults;
