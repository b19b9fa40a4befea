//! The result of a check, derived from the outcome of one of its addresses.

use std::net::SocketAddr;
use std::time::Duration;

use rustix::io::Errno;

use super::check::{Check, HandshakeKind};
use super::target::Target;
use crate::instant::Instant;
use crate::record::{ResultRecord, milliseconds};
use crate::status::Status;
use crate::transport::Handshake;

impl Check {
    /// The result of a check with an address that answered.
    pub fn answered(&self, address: &SocketAddr, answer: Handshake, now: Instant) -> ResultRecord {
        let mut record = ResultRecord::new(self.id, Status::Up);
        record.set_address(address);
        self.stamp(&mut record, now);
        let whole = record.duration - record.dns_time;
        let sample = milliseconds(Duration::from_micros(answer.rtt_us.into()));
        // The kernel takes no sample of a retransmitted SYN unless the peer has timestamps (Karn's algorithm). The raw
        // engine's sample is wrong if the real-time clock was set meanwhile, or if the peer echoes wrong timestamps.
        record.rtt = if answer.rtt_us == 0 || sample > whole { whole } else { sample };
        record.retransmits = u32::from(self.resent) + answer.retransmits;
        record.set_peer(&answer.peer);
        record
    }

    /// The result of a check with an address that failed.
    pub fn failed(&self, address: &SocketAddr, status: Status, errno: Errno, now: Instant) -> ResultRecord {
        let mut record = ResultRecord { code: errno.raw_os_error(), ..ResultRecord::new(self.id, status) };
        record.set_address(address);
        self.stamp(&mut record, now);
        record
    }

    /// Sets the times of a result.
    pub fn stamp(&self, record: &mut ResultRecord, now: Instant) {
        let elapsed = self.clock.elapsed(now);
        record.duration = milliseconds(elapsed);
        record.queue_time = milliseconds(now.since(self.accepted).saturating_sub(elapsed));
        record.full = u8::from(self.handshake != HandshakeKind::HalfOpen);
        record.dns_time = match &self.target {
            Target::Address(_) => 0.0,
            // The lookup is still in progress, and has taken all the time.
            Target::Name(name) if name.is_looked_up => record.duration,
            Target::Name(name) => milliseconds(name.dns_time),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::Peer;
    use crate::transport::HeldAck;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_round_trip_is_not_longer_than_its_check() {
        let start = Instant::now();
        let address = SocketAddr::from(([192, 0, 2, 1], 80));
        let mut check = Check::of_address(1, 100 * MS, address, start);
        check.clock.start(start);
        for (sample, reported) in [(0, 5.0), (4000, 4.0), (5000, 5.0), (5001, 5.0), (u32::MAX, 5.0)] {
            let peer = Peer { options: 0, window_scale: 0, mss: 0, window: None };
            let answer = Handshake { rtt_us: sample, retransmits: 0, ack: HeldAck::Never, peer };
            assert_eq!(check.answered(&address, answer, start + 5 * MS).rtt, reported, "{sample}");
        }
    }

    #[test]
    fn time_in_a_queue_is_reported_beside_the_duration() {
        let start = Instant::now();
        let address = SocketAddr::from(([192, 0, 2, 1], 80));
        let mut check = Check::of_address(1, 100 * MS, address, start);
        check.clock.start(start + 30 * MS);
        check.clock.pause(start + 40 * MS);
        check.clock.start(start + 60 * MS);
        let record = check.failed(&address, Status::Refused, Errno::CONNREFUSED, start + 65 * MS);
        assert_eq!((record.queue_time, record.duration), (50.0, 15.0));
    }
}
