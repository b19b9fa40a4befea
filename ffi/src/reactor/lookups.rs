//! Names: looked up, and turned into addresses to probe.

use std::net::SocketAddr;
use std::time::Instant;

use super::Reactor;
use crate::check::{Check, Target};
use crate::keys::CheckKey;
use crate::record::{Resolve, ResultRecord};
use crate::resolver::{Answer, NoAddress};
use crate::status::Status;

impl Reactor<'_> {
    pub(super) fn start_lookups(&mut self) {
        while self.resolver.has_room()
            && let Some(key) = self.for_lookup.pop_front()
        {
            let Some(check) = self.checks.get_mut(key) else { continue };
            let Target::Name(name) = &mut check.target else { continue };
            let now = Instant::now();
            match self.resolver.look_up(key, name.host.clone(), name.family) {
                Ok(lookup) => {
                    name.lookup = Some(lookup);
                    self.start_clock(key, now);
                }
                // There is no thread for it, which says nothing about the name.
                Err(error) => {
                    let code = error.raw_os_error().unwrap_or(libc::EAGAIN);
                    self.fail(key, ResultRecord { code, ..ResultRecord::new(0, Status::LocalError) });
                }
            }
        }
    }

    pub(super) fn on_answer(&mut self, key: CheckKey, answer: Answer) {
        let found = match self.checks.get_mut(key) {
            Some(Check { target: Target::Name(name), clock, .. }) => Some((name, *clock)),
            _ => None,
        };
        self.resolver.arrived(found.is_some());
        // Nobody may wait any more: it was cancelled, or its deadline has passed.
        let Some((name, clock)) = found else { return };
        let now = Instant::now();
        name.lookup = None;
        name.dns_time = clock.elapsed(now);
        if clock.deadline().is_some_and(|deadline| deadline <= now) {
            return self.time_out(key);
        }
        let mut addresses = match answer {
            Ok(addresses) => addresses,
            Err(NoAddress::OfName(code)) => {
                return self.fail(key, ResultRecord { code, ..ResultRecord::new(0, Status::Unresolved) });
            }
            Err(NoAddress::OfOurs(errno)) => {
                let code = errno.raw_os_error();
                return self.fail(key, ResultRecord { code, ..ResultRecord::new(0, Status::LocalError) });
            }
        };
        for address in &mut addresses {
            address.set_port(name.port);
        }
        let others = match name.resolve {
            Resolve::Any => Vec::new(),
            Resolve::First | Resolve::All => addresses.split_off(addresses.len().min(1)),
        };
        let all = name.resolve == Resolve::All;
        name.addresses = addresses.into();
        self.enqueue(key, Some(now));
        if all {
            self.fan_out(key, others);
        }
    }

    /// Makes a check of each further address of a name, beside the one that waits in the queue for the first.
    fn fan_out(&mut self, key: CheckKey, others: Vec<SocketAddr>) {
        for address in others {
            let sibling = self.checks[key].sibling(address);
            let sibling = self.insert(sibling);
            // Its clock stands still already, as the first one's does.
            self.enqueue(sibling, None);
        }
    }
}
