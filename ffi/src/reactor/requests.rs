//! Conversion of requests to checks.

use rustix::io::Errno;

use super::Reactor;
use crate::instant::Instant;
use crate::reactor::checks::{Check, Name, Target};
use crate::reactor::mailbox::SentBefore;
use crate::reactor::resolver::{EAI_ADDRFAMILY, Query};
use crate::record::{AddressRecord, Family, Host, Malformed, Request, ResultRecord, requests};
use crate::status::Status;

impl Reactor<'_> {
    /// Accepts the requests of a batch. `sent` counts segments that the caller's thread has sent for it.
    pub(super) fn accept_batch(&mut self, batch: &[u8], sent: SentBefore) {
        for request in requests(batch) {
            self.accept(request);
            if sent.syns > 0
                && let Ok(Request { id, .. }) = request
                && let Some(check) = self.checks.find(id)
            {
                check.resent = sent.syns;
                check.record_ack(sent.acknowledged);
            }
        }
    }

    pub(super) fn accept(&mut self, request: Result<Request<'_>, Malformed>) {
        let request = match request {
            Ok(request) => request,
            Err(Malformed { id: Some(id) }) => {
                let code = Errno::INVAL.raw_os_error();
                return self.results.push(ResultRecord { code, ..ResultRecord::new(id, Status::LocalError) });
            }
            Err(Malformed { id: None }) => return,
        };
        // From a source address only addresses of the same family can be reached.
        let family = request.family.or(self.config.family());
        let excludes = |other| family.is_some_and(|family| family != other);
        if self.config.family().is_some_and(excludes) {
            return self.reject(&request, Status::Unresolved, EAI_ADDRFAMILY);
        }
        match request.host {
            Host::Name(host) => {
                let name = Box::new(Name::new(&request));
                let key = self.checks.insert(Check::new(&request, Target::Name(name), Instant::now()));
                self.lookups.push(Query { host: host.into(), family }, key);
            }
            Host::Address(address) => match address.decode(request.port) {
                Err(errno) => self.reject(&request, Status::LocalError, errno.raw_os_error()),
                Ok(address) if excludes(Family::of(&address)) => {
                    self.reject(&request, Status::Unresolved, EAI_ADDRFAMILY);
                }
                Ok(address) => {
                    let key = self.checks.insert(Check::new(&request, Target::Address(address.into()), Instant::now()));
                    self.enqueue(key, None);
                }
            },
            Host::Addresses(addresses) => self.accept_addresses(&request, addresses),
        }
    }

    /// Accepts a check of several addresses that the caller has resolved.
    fn accept_addresses(&mut self, request: &Request<'_>, addresses: &[AddressRecord]) {
        match addresses.iter().map(|address| address.decode(request.port)).collect() {
            Err(errno) => self.reject(request, Status::LocalError, errno.raw_os_error()),
            Ok(addresses) => {
                let name = Box::new(Name::with_addresses(request, addresses));
                let key = self.checks.insert(Check::new(request, Target::Name(name), Instant::now()));
                self.enqueue(key, None);
            }
        }
    }

    /// Rejects a request with a result.
    fn reject(&mut self, request: &Request<'_>, status: Status, code: i32) {
        let full = u8::from(!request.zero_linger);
        self.results.push(ResultRecord { code, full, ..ResultRecord::new(request.id, status) });
    }
}
