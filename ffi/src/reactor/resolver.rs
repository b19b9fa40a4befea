//! The resolver: getaddrinfo() on a bounded pool of threads, because it blocks. It honours the system's hosts and
//! nsswitch files.

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

/// The most threads. A lookup that outlives its check is abandoned, because its thread may be stuck for as long as a
/// name server is silent. The clock of a check that waits for a thread stands still.
const MAX_THREADS: usize = 128;

/// There are addresses, but none of the family asked for. (`libc` lacks it; `netdb.h`.)
pub const EAI_ADDRFAMILY: i32 = -9;

/// The answer to a lookup: addresses with port 0 in the order of RFC 6724, or why there are none.
pub type LookupResult = Result<Vec<SocketAddr>, NoAddress>;

/// Why a lookup gave no address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NoAddress {
    /// The name, or its name servers, are the reason: an `EAI_*` code or `SINKHOLE`.
    OfName(i32),
    /// This host could not ask, for lack of descriptors or memory.
    OfOurs(Errno),
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
    /// The checks that it was started for.
    pub checks: Vec<CheckKey>,
    pub answer: LookupResult,
    /// When it ended: the engine thread may read that late.
    pub at: Instant,
}

impl Query {
    /// The zone of the name, whose name servers may be silent: "example.com" for "www.example.com". All names of one
    /// label share a zone, but for localhost, for which no name server is asked (RFC 6761, 6.3).
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
    /// `answer` is called on the pool's threads, once for each lookup, abandoned or not.
    pub fn new(answer: impl Fn(Resolved) + Send + Sync + 'static) -> Self {
        Self {
            queue: Arc::default(),
            answer: Arc::new(answer),
            admission: LookupAdmission::new(MAX_THREADS),
            threads: 0,
        }
    }

    /// Starts a thread if none is free. Returns whether a lookup would start at once; false if it must wait until
    /// another one ends. An error if the pool is empty and no thread can be started.
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
            // The threads that run are enough.
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

    /// Lookups that have not ended, abandoned ones included.
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
        // Never joined: it may be stuck in getaddrinfo. It ends by itself when the engine is gone.
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
            // No call was made: the name contains a NUL.
            0 => Self::OfName(libc::EAI_NONAME),
            libc::EAI_MEMORY => Self::OfOurs(Errno::NOMEM),
            libc::EAI_SYSTEM => Self::OfOurs(Errno::from_io_error(&error.into()).unwrap_or(Errno::IO)),
            // glibc reports an unknown name where it can't open its files or a socket.
            code => sys::has_descriptors().map_or_else(Self::OfOurs, |()| Self::OfName(code)),
        }
    }
}

fn getaddrinfo(Query { host, family }: &Query) -> LookupResult {
    let found = sys::getaddrinfo(host, family.map(AddressFamily::from)).map_err(NoAddress::OfOurs)?;
    to_be_probed(found.map_err(NoAddress::of)?, *family)
}

/// Deduplicates addresses in canonical form, and filters them by family. (To the system an IPv4-mapped address is an
/// IPv6 address.)
///
/// The unspecified addresses, 0.0.0.0 and ::, are dropped. connect() takes them for this host, so a name that a DNS
/// filter has sent to a sinkhole would be up or down as this host is.
fn to_be_probed(found: impl Iterator<Item = SocketAddr>, family: Option<Family>) -> LookupResult {
    let mut addresses = Vec::new();
    let mut why_none = libc::EAI_NODATA;
    for address in found.map(canonical) {
        if address.ip().is_unspecified() {
            why_none = SINKHOLE;
        } else if family.is_some_and(|family| family != Family::of(&address)) {
            // A sinkhole is the more specific reason.
            why_none = if why_none == SINKHOLE { SINKHOLE } else { EAI_ADDRFAMILY };
        } else if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    if addresses.is_empty() { Err(NoAddress::OfName(why_none)) } else { Ok(addresses) }
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
        assert_eq!(choose(&[mapped], Some(Family::V6)), Err(NoAddress::OfName(EAI_ADDRFAMILY)));
        assert_eq!(choose(&[], Some(Family::V6)), Err(NoAddress::OfName(libc::EAI_NODATA)));
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
        let sinkhole = Err(NoAddress::OfName(SINKHOLE));
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
