//! System calls: the fault points of tests, and all `unsafe` code of the engine.
//!
//! Calls go through `rustix`; calls that it lacks (`TCP_DEFER_ACCEPT`, `TCP_INFO`, `recvmmsg()`, ...) go through `libc`.
//! This module depends on no other of the crate, so the benchmark's bare loops are built from it.

mod control;
pub mod faults;
pub mod fd_limit;
mod memory;
mod names;
mod options;
pub mod poller;
pub mod recvmmsg;
pub mod sendmmsg;
mod socket;
mod tcp_info;
pub mod thread;

use rustix::io::Errno;

pub use memory::memory;
pub use names::{getaddrinfo, has_descriptors, interface_index};
pub use options::{
    MAX_TTL, attach_filter, bind_address, bind_to_interface, set_mark, set_min_ttl, set_option, set_syn_count, set_tos,
    set_traffic_class,
};
pub use socket::{
    bind, connect, disconnect, full_socket, half_open_socket, is_self_connected, local_address, port_holder,
    raw_socket, routing_socket, socket_error,
};
pub use tcp_info::{Peer, TcpInfo, tcp_info};

/// The `errno` of the last `libc` call.
fn last_error() -> Errno {
    Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO)
}
