//! Names: looked up, and turned into addresses to probe.

use std::net::SocketAddr;
use std::time::Instant;

use super::Reactor;
use crate::check::{Check, Target};
use crate::keys::CheckKey;
use crate::record::{Resolve, ResultRecord};
use crate::resolver::Answer;
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
        let name = match self.checks.get_mut(key) {
            Some(Check { target: Target::Name(name), .. }) => Some(name),
            _ => None,
        };
        self.resolver.arrived(name.is_some());
        // Nobody may wait any more: it was cancelled, or its deadline has passed.
        let Some(name) = name else { return };
        name.lookup = None;
        let (port, resolve) = (name.port, name.resolve);
        let now = Instant::now();
        let clock = self.checks[key].clock;
        let Target::Name(name) = &mut self.checks[key].target else { return };
        name.dns_time = clock.elapsed(now);
        if clock.deadline().is_some_and(|deadline| deadline <= now) {
            return self.time_out(key);
        }
        let mut addresses = match answer {
            Ok(addresses) => addresses,
            Err(code) => return self.fail(key, ResultRecord { code, ..ResultRecord::new(0, Status::Unresolved) }),
        };
        for address in &mut addresses {
            address.set_port(port);
        }
        match resolve {
            Resolve::Any => name.addresses = addresses.into(),
            Resolve::First => name.addresses = addresses.into_iter().take(1).collect(),
            Resolve::All => return self.fan_out(key, addresses),
        }
        self.enqueue(key, Some(now));
    }

    /// Makes a check of each address of a name, all with the same id and deadline.
    fn fan_out(&mut self, key: CheckKey, addresses: Vec<SocketAddr>) {
        let now = Instant::now();
        let mut addresses = addresses.into_iter();
        let first = addresses.next();
        for address in addresses {
            let sibling = self.checks[key].sibling(address);
            let deadline = sibling.clock.deadline();
            let sibling = self.insert(sibling);
            if let Some(deadline) = deadline {
                self.deadlines.set(deadline, sibling);
            }
            self.enqueue(sibling, Some(now));
        }
        if let Target::Name(name) = &mut self.checks[key].target {
            name.addresses = first.into_iter().collect();
        }
        self.enqueue(key, Some(now));
    }
}
