//! The resolver: getaddrinfo() on a bounded thread pool, because the call blocks. It uses the system's hosts and nsswitch
//! files.

use std::net::SocketAddr;
use std::sync::Arc;

use dns_lookup::LookupError;
use rustix::io::Errno;
use rustix::net::AddressFamily;

use crate::address::canonical;
use crate::instant::Instant;
use crate::keys::CheckKey;
use crate::reactor::lookup_admission::{LookupAdmission, LookupId};
use crate::reactor::work_queue::WorkQueue;
use crate::record::Family;
use crate::status::unresolved::SINKHOLE;
use crate::sys::{self, thread};

/// The maximum number of threads. A lookup can't be cancelled: if its check times out, the lookup is abandoned, and keeps
/// its thread until name servers answer or getaddrinfo() gives up.
const MAX_THREADS: usize = 128;

/// The name has addresses, but none of the requested family. (From `netdb.h`; `libc` lacks it.)
pub const EAI_ADDRFAMILY: i32 = -9;

/// The answer to a lookup: addresses with port 0 in the order of RFC 6724, or the reason why there is none.
pub type LookupResult = Result<Vec<SocketAddr>, NoAddress>;

/// The reason why a lookup returned no address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NoAddress {
    /// An error of the name or its name servers: an `EAI_*` code or `SINKHOLE`.
    Unresolved(i32),
    /// An error of this host, which lacks descriptors or memory.
    Local(Errno),
}

/// The query of a lookup: name and family.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Query {
    pub host: Arc<str>,
    pub family: Option<Family>,
}

/// The thread pool, owned by the engine thread.
pub struct Resolver {
    queue: Arc<WorkQueue<Job>>,
    answer: Arc<dyn Fn(Resolved) + Send + Sync>,
    admission: LookupAdmission,
    threads: usize,
}

struct Job {
    query: Query,
    checks: Vec<CheckKey>,
    lookup: LookupId,
}

/// The end of a lookup.
pub struct Resolved {
    pub lookup: LookupId,
    /// The checks that wait for it.
    pub checks: Vec<CheckKey>,
    pub answer: LookupResult,
    /// When the lookup ended, because the engine thread may read the answer later.
    pub at: Instant,
}

impl Query {
    /// The zone of the name, which stands for its name servers: "example.com" for "www.example.com". All names of one
    /// label share a zone, except localhost, whose lookup needs no name server (RFC 6761, 6.3).
    pub fn zone(&self) -> &str {
        let name = self.host.strip_suffix('.').unwrap_or(&self.host);
        match name.split_once('.') {
            Some((_, parent)) => parent,
            None if name.eq_ignore_ascii_case("localhost") => name,
            None => "",
        }
    }
}

impl Resolver {
    /// `answer` is called on the pool's threads, once per lookup, even if the lookup was abandoned.
    pub fn new(answer: impl Fn(Resolved) + Send + Sync + 'static) -> Self {
        Self {
            queue: Arc::default(),
            answer: Arc::new(answer),
            admission: LookupAdmission::new(MAX_THREADS),
            threads: 0,
        }
    }

    /// Starts a thread if none is free. Returns whether a thread is free; false if a lookup must wait for the end of
    /// another one. An error if the pool is empty and no thread can be started.
    pub fn make_room(&mut self) -> std::io::Result<bool> {
        if self.admission.in_flight() < self.threads {
            return Ok(true);
        }
        if self.threads >= MAX_THREADS {
            return Ok(false);
        }
        match self.start_thread() {
            Ok(()) => {
                self.threads += 1;
                Ok(true)
            }
            // The lookup waits for one of the running threads.
            Err(_) if self.threads > 0 => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether a zone may start another lookup: see [`LookupAdmission`].
    pub fn admits(&self, zone: &str) -> bool {
        self.admission.admit(zone)
    }

    /// Marks lookups as no longer recent: see [`LookupAdmission::expire_recent`].
    pub fn expire_recent(&mut self, now: Instant) -> Option<Instant> {
        self.admission.expire_recent(now)
    }

    /// The number of lookups that have not ended, including abandoned ones.
    #[cfg(test)]
    pub fn in_flight(&self) -> usize {
        self.admission.in_flight()
    }

    /// Starts a lookup, after [`Self::make_room`] returned true. `checks` wait for it.
    pub fn look_up(&mut self, query: Query, checks: Vec<CheckKey>, now: Instant) {
        let lookup = self.admission.start(query.zone(), now);
        self.queue.push(Job { query, checks, lookup });
    }

    /// Records the end of a lookup.
    pub fn arrived(&mut self, lookup: LookupId) {
        self.admission.end(lookup);
    }

    fn start_thread(&self) -> std::io::Result<()> {
        let queue = Arc::clone(&self.queue);
        let answer = Arc::clone(&self.answer);
        // Not joined, because it may block in getaddrinfo(). It ends after the queue is closed.
        thread::spawn("shaker-dns", move || {
            while let Some(Job { query, checks, lookup }) = queue.take() {
                let result = getaddrinfo(&query);
                answer(Resolved { lookup, checks, answer: result, at: Instant::now() });
            }
        })?;
        Ok(())
    }
}

impl Drop for Resolver {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl NoAddress {
    fn of(error: LookupError) -> Self {
        match error.error_num() {
            // The name contains a NUL, and getaddrinfo() was not called.
            0 => Self::Unresolved(libc::EAI_NONAME),
            libc::EAI_MEMORY => Self::Local(Errno::NOMEM),
            libc::EAI_SYSTEM => Self::Local(Errno::from_io_error(&error.into()).unwrap_or(Errno::IO)),
            // glibc reports an unknown name if it can't open its files or a socket.
            code => sys::has_descriptors().map_or_else(Self::Local, |()| Self::Unresolved(code)),
        }
    }
}

fn getaddrinfo(Query { host, family }: &Query) -> LookupResult {
    let found = sys::getaddrinfo(host, family.map(AddressFamily::from)).map_err(NoAddress::Local)?;
    to_be_probed(found.map_err(NoAddress::of)?, *family)
}

/// Deduplicates addresses in canonical form, and filters them by family, because getaddrinfo() returns IPv4-mapped
/// addresses as IPv6.
///
/// The unspecified addresses, 0.0.0.0 and ::, are dropped, because DNS filters return them for blocked names, and
/// connect() to them reaches this host.
fn to_be_probed(found: impl Iterator<Item = SocketAddr>, family: Option<Family>) -> LookupResult {
    let mut addresses = Vec::new();
    let mut why_none = libc::EAI_NODATA;
    for address in found.map(canonical) {
        if address.ip().is_unspecified() {
            why_none = SINKHOLE;
        } else if family.is_some_and(|family| family != Family::of(&address)) {
            // SINKHOLE is the more specific reason.
            why_none = if why_none == SINKHOLE { SINKHOLE } else { EAI_ADDRFAMILY };
        } else if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    if addresses.is_empty() { Err(NoAddress::Unresolved(why_none)) } else { Ok(addresses) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mapped_addresses_belong_to_their_own_family() {
        let address = |text: &str| SocketAddr::new(text.parse().unwrap(), 0);
        // The system returns the mapped form.
        let mapped = SocketAddr::new("::ffff:192.0.2.1".parse().unwrap(), 0);
        let (v4, v6) = (address("192.0.2.1"), address("2001:db8::1"));
        let choose = |found: &[SocketAddr], family| to_be_probed(found.iter().copied(), family);
        assert_eq!(choose(&[mapped, v6, v4], None), Ok(vec![v4, v6]));
        assert_eq!(choose(&[mapped, v6, v4], Some(Family::V4)), Ok(vec![v4]));
        assert_eq!(choose(&[mapped, v6], Some(Family::V6)), Ok(vec![v6]));
        assert_eq!(choose(&[mapped], Some(Family::V6)), Err(NoAddress::Unresolved(EAI_ADDRFAMILY)));
        assert_eq!(choose(&[], Some(Family::V6)), Err(NoAddress::Unresolved(libc::EAI_NODATA)));
    }

    #[test]
    fn the_zone_of_a_name_is_its_parent_domain() {
        let zone = |host: &str| Query { host: host.into(), family: None }.zone().to_string();
        let zones = ["www.example.com", "example.com", "example.com.", "db", "db.", "localhost", "."].map(zone);
        assert_eq!(zones, ["example.com", "com", "com", "", "", "localhost", ""]);
    }

    #[test]
    fn unspecified_addresses_are_dropped() {
        let address = |text: &str| SocketAddr::new(text.parse().unwrap(), 0);
        let mapped = SocketAddr::new("::ffff:0.0.0.0".parse().unwrap(), 0);
        let (zero, unspecified, v4) = (address("0.0.0.0"), address("::"), address("192.0.2.1"));
        let choose = |found: &[SocketAddr], family| to_be_probed(found.iter().copied(), family);
        let sinkhole = Err(NoAddress::Unresolved(SINKHOLE));
        for found in [&[zero][..], &[unspecified], &[mapped], &[unspecified, zero]] {
            assert_eq!(choose(found, None), sinkhole, "{found:?}");
        }
        assert_eq!(choose(&[zero, v4], Some(Family::V6)), sinkhole);
        assert_eq!(choose(&[v4, zero], Some(Family::V6)), sinkhole);
        assert_eq!(choose(&[unspecified, v4, zero], None), Ok(vec![v4]));
    }

    #[test]
    #[cfg_attr(miri, ignore = "Miri has no sockets")]
    fn localhost_has_an_address() {
        let addresses = getaddrinfo(&Query { host: "localhost".into(), family: None }).unwrap();
        assert!(addresses.iter().all(|address| address.ip().is_loopback()), "{addresses:?}");
    }
}
