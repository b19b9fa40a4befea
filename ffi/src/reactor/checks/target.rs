//! The target of a check: one address, or a name with its addresses.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use crate::address::CompactAddr;
use crate::reactor::stagger::Stagger;
use crate::record::{Request, Resolve, ResultRecord};

/// The target of a check.
pub enum Target {
    /// One address.
    Address(CompactAddr),
    /// The addresses of a name.
    Name(Box<Name>),
}

/// A name, its lookup and its addresses.
#[derive(Default)]
pub struct Name {
    pub port: u16,
    pub resolve: Resolve,
    /// Whether the lookup is in progress.
    pub is_looked_up: bool,
    /// The duration of the lookup.
    pub dns_time: Duration,
    /// The untried addresses.
    pub addresses: VecDeque<SocketAddr>,
    /// The schedule of the attempts.
    pub(super) stagger: Stagger,
    /// The failure with the highest rank so far.
    pub failure: Option<ResultRecord>,
}

impl Name {
    pub fn new(request: &Request<'_>) -> Self {
        Self { port: request.port, resolve: request.resolve, ..Self::default() }
    }

    /// A name that the caller has resolved.
    pub fn with_addresses(request: &Request<'_>, addresses: VecDeque<SocketAddr>) -> Self {
        Self { addresses, ..Self::new(request) }
    }
}
