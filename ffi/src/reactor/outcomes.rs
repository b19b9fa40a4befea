//! From events and deadlines to the outcomes of checks.

use std::net::SocketAddr;
use std::time::Instant;

use rustix::io::Errno;

use super::probes::PASS_TIME;
use super::{PASS, Reactor};
use crate::check::{Attempt, Check, Target};
use crate::keys::{CheckKey, SocketKey};
use crate::poller::Ready;
use crate::probe::{self, Answer, Verdict};
use crate::record::ResultRecord;
use crate::sockets::Probe;
use crate::status::Status;

impl Reactor<'_> {
    pub(super) fn on_event(&mut self, event: Ready) {
        let socket = SocketKey::from_epoll(event.key);
        // An idle socket reports its disconnection; nobody is to be told.
        let Some(Probe { check, address }) = self.sockets.probe(socket) else { return };
        let verdict = probe::verdict(self.sockets.fd(socket), event.failed);
        self.on_verdict(check, socket, &address, verdict);
    }

    pub(super) fn on_verdict(&mut self, key: CheckKey, socket: SocketKey, address: &SocketAddr, verdict: Verdict) {
        let retransmits = match verdict {
            Verdict::Pending => return,
            Verdict::GaveUp if self.retries.is_some() => {
                self.give_up(key, socket, address);
                return self.let_go(address);
            }
            Verdict::GaveUp => probe::retransmits(self.sockets.fd(socket)),
            _ => 0,
        };
        // First of all the RST.
        if verdict.leaves_usable() {
            self.sockets.release(socket);
        } else {
            self.sockets.close(socket);
        }
        let resent = self.detach(key, socket);
        match verdict.outcome() {
            Some(Ok(answer)) => self.up(key, address, Answer { retransmits: resent + answer.retransmits, ..answer }),
            Some(Err((status, errno))) => self.fail_address(key, address, status, errno),
            None => {
                let check = &mut self.checks[key];
                check.resent += resent + retransmits + 1;
                check.try_again(*address);
                self.enqueue(key, Some(Instant::now()));
            }
        }
        self.let_go(address);
    }

    /// Takes a socket, by now released or closed, off its check. Returns the SYNs sent by those before it.
    pub(super) fn detach(&mut self, key: CheckKey, socket: SocketKey) -> u32 {
        let probes = &mut self.checks[key].probes;
        let Some(index) = probes.iter().position(|probe| probe.socket == socket) else { return 0 };
        let probe = probes.remove(index);
        if probe.renewal.is_some() {
            self.forget_deadline();
        }
        probe.resent
    }

    fn up(&mut self, key: CheckKey, address: &SocketAddr, answer: Answer) {
        let record = self.checks[key].answered(address, answer, Instant::now());
        self.finish(key, record);
    }

    /// Says that one address of a check failed; the check goes on while it has others.
    pub(super) fn fail_address(&mut self, key: CheckKey, address: &SocketAddr, status: Status, errno: Errno) {
        let record = self.checks[key].failed(address, status, errno, Instant::now());
        self.end_address(key, record);
    }

    /// The same, with all that there is to tell.
    pub(super) fn end_address(&mut self, key: CheckKey, record: ResultRecord) {
        let now = Instant::now();
        let check = &mut self.checks[key];
        let Target::Name(name) = &mut check.target else { return self.finish(key, record) };
        let heavier = |best: &ResultRecord| weight(best) >= weight(&record);
        if !name.failure.as_ref().is_some_and(heavier) {
            name.failure = Some(record);
        }
        if !name.addresses.is_empty() {
            self.enqueue(key, Some(now));
        } else if check.probes.is_empty() {
            let mut record = name.failure.unwrap_or(record);
            check.stamp(&mut record, now);
            self.finish(key, record);
        }
    }

    /// Ends a check without an address.
    pub(super) fn fail(&mut self, key: CheckKey, mut record: ResultRecord) {
        let check = &self.checks[key];
        record.id = check.id;
        check.stamp(&mut record, Instant::now());
        self.finish(key, record);
    }

    pub(super) fn on_deadlines(&mut self) {
        let now = Instant::now();
        for _ in 0..PASS {
            let Some((at, key)) = self.deadlines.pop_due(now) else { return };
            match self.checks.get_mut(key) {
                Some(check) if check.clock.deadline() == Some(at) => {
                    self.time_out(key);
                    // Its end counted the entry as stale; it is out already.
                    self.deadlines.was_stale();
                }
                Some(Check { target: Target::Name(name), .. }) if name.next_attempt == Some(at) => {
                    name.next_attempt = None;
                    if !name.addresses.is_empty() {
                        self.enqueue(key, Some(now));
                    }
                }
                check => match check.and_then(|check| check.take_renewal(at)) {
                    Some(socket) => {
                        self.renew(key, socket);
                        if now.elapsed() >= PASS_TIME {
                            return;
                        }
                    }
                    None => self.deadlines.was_stale(),
                },
            }
        }
    }

    pub(super) fn time_out(&mut self, key: CheckKey) {
        // No time is left for other addresses.
        if let Target::Name(name) = &mut self.checks[key].target {
            name.addresses.clear();
        }
        // An answer may have come in the very last moment, and its event not been read yet: the kernel knows.
        for Attempt { socket, .. } in self.checks[key].probes.clone() {
            let Some(Probe { address, .. }) = self.sockets.probe(socket) else { continue };
            match probe::verdict(self.sockets.fd(socket), true) {
                Verdict::Pending | Verdict::GaveUp => {}
                verdict => self.on_verdict(key, socket, &address, verdict),
            }
            if !self.checks.contains_key(key) {
                return;
            }
        }
        let check = &self.checks[key];
        let mut record = ResultRecord::new(check.id, Status::ResolveTimeout);
        if let Some(&Attempt { socket, resent, .. }) = check.probes.first()
            && let Some(Probe { address, .. }) = self.sockets.probe(socket)
        {
            let retransmits = check.resent + resent + probe::retransmits(self.sockets.fd(socket));
            record = self.silence(check.id, retransmits);
            record.set_address(&address);
        }
        // Another address of the name may have failed in a way that tells more than this one's silence.
        if let Target::Name(name) = &check.target
            && let Some(failure) = name.failure
            && weight(&failure) > weight(&record)
        {
            record = failure;
        }
        check.stamp(&mut record, Instant::now());
        self.finish(key, record);
    }

    /// What it means that nothing came.
    pub(super) fn silence(&self, id: u32, retransmits: u32) -> ResultRecord {
        match self.config.loss() {
            Some(errno) => ResultRecord { code: errno.raw_os_error(), ..ResultRecord::new(id, Status::LocalError) },
            None => ResultRecord { retransmits, ..ResultRecord::new(id, Status::Timeout) },
        }
    }

    fn finish(&mut self, key: CheckKey, mut record: ResultRecord) {
        let Some(check) = self.checks.remove(key) else { return };
        record.more = self.by_id.remove(check.id, key).into();
        self.abandon(check);
        self.tell(record);
    }

    /// Lets go of all that a check has, after it was removed.
    pub(super) fn abandon(&mut self, check: Check) {
        self.pass_on(&check);
        for probe in check.probes {
            let ended = self.sockets.probe(probe.socket);
            self.sockets.close(probe.socket);
            if let Some(Probe { address, .. }) = ended {
                self.let_go(&address);
            }
            if probe.renewal.is_some() {
                self.forget_deadline();
            }
        }
        if check.clock.deadline().is_some() {
            self.forget_deadline();
        }
        if let Target::Name(name) = check.target {
            if name.next_attempt.is_some() {
                self.forget_deadline();
            }
            if let Some(lookup) = name.lookup {
                self.resolver.leave(lookup);
            }
        }
    }
}

fn weight(record: &ResultRecord) -> u8 {
    Status::from_code(record.status).map_or(0, |status| status.weight(record.code))
}
