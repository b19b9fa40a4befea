//! Outcomes of checks, derived from the outcomes of their addresses.

use std::net::SocketAddr;

use rustix::io::Errno;

use super::Reactor;
use crate::instant::Instant;
use crate::keys::{CheckKey, ProbeKey};
use crate::reactor::checks::{Check, Target};
use crate::record::ResultRecord;
use crate::status::Status;
use crate::transport::{Ended, Handshake, Probe, Verdict};

impl Reactor<'_> {
    /// Ends a check whose address answered.
    pub(super) fn succeed(&mut self, key: CheckKey, address: &SocketAddr, answer: Handshake, at: Instant) {
        let record = self.checks[key].answered(address, answer, at);
        self.finish(key, record);
    }

    /// Records the failure of one address. The check continues with its other addresses.
    pub(super) fn fail_address(&mut self, key: CheckKey, address: &SocketAddr, status: Status, errno: Errno) {
        let now = Instant::now();
        let record = self.checks[key].failed(address, status, errno, now);
        self.end_address(key, record, now);
    }

    /// Records the timeout of one address, to which all permitted SYNs were sent.
    pub(super) fn give_up(&mut self, key: CheckKey, address: &SocketAddr, retransmits: u32) {
        let check = &self.checks[key];
        let mut record = self.unanswered(check.id, retransmits);
        let now = Instant::now();
        record.set_address(address);
        check.stamp(&mut record, now);
        self.end_address(key, record, now);
    }

    fn end_address(&mut self, key: CheckKey, record: ResultRecord, now: Instant) {
        let check = &mut self.checks[key];
        let has_probes = !check.probes().is_empty();
        let Target::Name(name) = &mut check.target else { return self.finish(key, record) };
        let ranks_higher = |best: &ResultRecord| rank(best) >= rank(&record);
        if !name.failure.as_ref().is_some_and(ranks_higher) {
            name.failure = Some(record);
        }
        if !name.addresses.is_empty() {
            self.enqueue(key, Some(now));
        } else if !has_probes {
            let mut record = name.failure.unwrap_or(record);
            check.stamp(&mut record, now);
            self.finish(key, record);
        }
    }

    /// Ends a check whose result has no address.
    pub(super) fn fail(&mut self, key: CheckKey, mut record: ResultRecord) {
        let check = &self.checks[key];
        record.id = check.id;
        check.stamp(&mut record, Instant::now());
        self.finish(key, record);
    }

    /// The result of a probe without an answer: a timeout, or a local error if the source or interface has disappeared.
    pub(super) fn unanswered(&self, id: u32, retransmits: u32) -> ResultRecord {
        match self.config.loss() {
            Some(errno) => ResultRecord { code: errno.raw_os_error(), ..ResultRecord::new(id, Status::LocalError) },
            None => ResultRecord { retransmits, ..ResultRecord::new(id, Status::Timeout) },
        }
    }

    pub(super) fn finish(&mut self, key: CheckKey, mut record: ResultRecord) {
        let Some((check, has_others)) = self.checks.remove(key) else { return };
        record.more = has_others.into();
        record.full |= u8::from(self.abandon(check));
        self.results.push(record);
    }

    /// Ends a removed check's probes, and gives up its place in the queues. Returns whether an ACK of one of its probes
    /// may have been sent.
    pub(super) fn abandon(&mut self, mut check: Check) -> bool {
        if let Some(address) = check.leave_place() {
            self.wake_port_waiter(&address);
        }
        let mut acknowledged = false;
        for attempt in check.probes() {
            acknowledged |= self.end_unanswered(attempt.key).is_some_and(|(_, ended)| ended.acknowledged);
        }
        acknowledged
    }

    /// Ends a probe that has no answer. Returns its address.
    pub(super) fn end_unanswered(&mut self, probe: ProbeKey) -> Option<(SocketAddr, Ended)> {
        let Probe { address, .. } = self.transport.probe(probe)?;
        let ended = self.transport.end(probe, Verdict::Pending);
        self.wake_port_waiter(&address);
        Some((address, ended))
    }
}

pub(super) fn rank(record: &ResultRecord) -> u8 {
    Status::from_code(record.status).map_or(0, |status| status.rank(record.code))
}
