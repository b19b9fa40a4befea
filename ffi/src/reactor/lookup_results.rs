//! Starts of lookups, and probes of the addresses that they find.

use std::net::SocketAddr;

use super::Reactor;
use super::lookups::LookupStart;
use crate::instant::Instant;
use crate::keys::CheckKey;
use crate::reactor::checks::Target;
use crate::reactor::resolver::{LookupResult, NoAddress, Resolved};
use crate::record::{Resolve, ResultRecord};
use crate::status::Status;

impl Reactor<'_> {
    /// Starts queued lookups. If some have to wait, returns when the next may start even if no lookup ends.
    pub(super) fn start_lookups(&mut self) -> Option<Instant> {
        loop {
            match self.lookups.start_next(&mut self.checks) {
                LookupStart::Started => {}
                LookupStart::Failed(checks, code) => {
                    for key in checks {
                        self.fail(key, ResultRecord { code, ..ResultRecord::new(0, Status::LocalError) });
                    }
                }
                LookupStart::Later(at) => return at,
            }
        }
    }

    pub(super) fn on_lookup_result(&mut self, Resolved { lookup, checks, answer, at }: Resolved) {
        self.lookups.end(lookup);
        for key in checks {
            self.on_resolved(key, &answer, at);
        }
    }

    fn on_resolved(&mut self, key: CheckKey, answer: &LookupResult, at: Instant) {
        // The check may have been cancelled or timed out.
        let Some(check) = self.checks.get_mut(key) else { return };
        let clock = check.clock();
        let Target::Name(name) = &mut check.target else { return };
        name.is_looked_up = false;
        name.dns_time = clock.elapsed(at);
        if clock.deadline().is_some_and(|deadline| deadline <= at) {
            return self.time_out(key);
        }
        let mut addresses = match answer {
            Ok(addresses) => addresses.clone(),
            Err(NoAddress::Unresolved(code)) => {
                return self.fail(key, ResultRecord { code: *code, ..ResultRecord::new(0, Status::Unresolved) });
            }
            Err(NoAddress::Local(errno)) => {
                let code = errno.raw_os_error();
                return self.fail(key, ResultRecord { code, ..ResultRecord::new(0, Status::LocalError) });
            }
        };
        for address in &mut addresses {
            address.set_port(name.port);
        }
        if name.resolve == Resolve::Lookup {
            return self.push_addresses(key, &addresses, at);
        }
        let others = match name.resolve {
            Resolve::Any | Resolve::Lookup => Vec::new(),
            Resolve::First | Resolve::All => addresses.split_off(addresses.len().min(1)),
        };
        let all = name.resolve == Resolve::All;
        name.addresses = addresses.into();
        self.enqueue(key, Some(at));
        if all {
            self.fan_out(key, others);
        }
    }

    /// Ends a lookup without probes: one result per address.
    fn push_addresses(&mut self, key: CheckKey, addresses: &[SocketAddr], now: Instant) {
        let check = &self.checks[key];
        let mut records: Vec<_> = addresses
            .iter()
            .map(|address| {
                let mut record = ResultRecord { more: 1, ..ResultRecord::new(check.id, Status::Resolved) };
                record.set_address(address);
                check.stamp(&mut record, now);
                record
            })
            .collect();
        let Some(last) = records.pop() else { return };
        for record in records {
            self.results.push(record);
        }
        self.finish(key, last);
    }

    /// Adds a check for each further address of a name. The first address belongs to the check itself.
    fn fan_out(&mut self, key: CheckKey, others: Vec<SocketAddr>) {
        for address in others {
            let sibling = self.checks[key].sibling(address);
            let sibling = self.checks.insert(sibling);
            // Its clock is stopped, like the first check's.
            self.enqueue(sibling, None);
        }
    }
}
