//! A segment between the SYN-ACK and the RST may draw an ACK. The result then reports it.
#![cfg(feature = "faults")]

mod common;

use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::time::Duration;

use common::{Checks, host_and_port, listener, namespace, proves, request};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketType, ipproto, recv, sendto, socket};
use tcp_shaker::faults::{self, Call, Fault, arm, arm_all, disarm};
use tcp_shaker::status::Status;

const CHECKS: u32 = 50;

/// Bits of a TCP header's flags.
const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;

/// The segment after the SYN-ACK.
#[derive(Clone, Copy, Debug)]
enum Follower {
    Duplicate,
    Data,
    Fin,
    /// In the window, but not at the sequence number of a valid RST (RFC 5961, 3.2).
    StrayReset,
    Ack,
    DataAndFin,
}

/// A raw socket that receives all TCP segments of loopback, and sends others.
struct Wire(OwnedFd);

impl Wire {
    fn new() -> Self {
        Self(socket(AddressFamily::INET, SocketType::RAW, Some(ipproto::TCP)).unwrap())
    }

    /// The next segment, without its IP header.
    fn next(&self) -> Vec<u8> {
        let mut room = [0; 2048];
        let (length, _) = recv(&self.0, &mut room, RecvFlags::empty()).unwrap();
        room[usize::from(room[0] & 0xf) * 4..length].to_vec()
    }

    /// Follows the connection of the next SYN to `port` until a RST of either side, and returns the number of the
    /// client's ACKs. (The server resets an ACK of data that it has not sent; then the client sends no RST.)
    ///
    /// Segments of other connections are skipped: a follower that is sent after the RST draws another RST.
    fn acks_until_rst(&self, port: u16, on_syn_ack: impl Fn(&[u8])) -> u32 {
        let mut client = None;
        let mut acks = 0;
        loop {
            let segment = self.next();
            let [from, to] = [0, 2].map(|at| u16::from_be_bytes(segment[at..at + 2].try_into().unwrap()));
            match segment[13] {
                SYN if to == port => client = Some(from),
                flags if flags == SYN | ACK && client == Some(to) && !is_ours(&segment) => on_syn_ack(&segment),
                ACK if client == Some(from) => acks += 1,
                flags if flags & RST != 0 && !is_ours(&segment) && [from, to].map(Some).contains(&client) => {
                    return acks;
                }
                _ => {}
            }
        }
    }

    /// Sends a copy of a segment of the kernel, with a complete checksum, which the kernel leaves to the device.
    fn send(&self, mut segment: Vec<u8>) {
        segment[16..18].fill(0);
        let localhost = Ipv4Addr::LOCALHOST.octets();
        let pseudo_header = [&localhost[..], &localhost, &[0, 6], &(segment.len() as u16).to_be_bytes()].concat();
        let words = [&pseudo_header[..], &segment].concat();
        let sum: u32 =
            words.chunks(2).map(|word| u32::from(word[0]) << 8 | u32::from(*word.get(1).unwrap_or(&0))).sum();
        let folded = (sum & 0xffff) + (sum >> 16);
        let checksum = !((folded & 0xffff) + (folded >> 16)) as u16;
        segment[16..18].copy_from_slice(&checksum.to_be_bytes());
        sendto(&self.0, &segment, SendFlags::empty(), &SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    }
}

impl Follower {
    /// The segment after a SYN-ACK.
    fn behind(self, syn_ack: &[u8]) -> Vec<u8> {
        let (flags, beyond, payload) = match self {
            Self::Duplicate => return syn_ack.to_vec(),
            Self::Data => (ACK, 0, &b"x"[..]),
            Self::Fin => (FIN | ACK, 0, &[][..]),
            Self::StrayReset => (RST | ACK, 7, &[][..]),
            Self::Ack => (ACK, 0, &[][..]),
            Self::DataAndFin => (FIN | ACK, 0, &b"x"[..]),
        };
        let sequence = u32::from_be_bytes(syn_ack[4..8].try_into().unwrap()).wrapping_add(1 + beyond);
        let mut segment = syn_ack[..20].to_vec();
        segment[4..8].copy_from_slice(&sequence.to_be_bytes());
        // The header length in words, without options.
        segment[12] = 5 << 4;
        segment[13] = flags;
        segment.extend_from_slice(payload);
        segment
    }
}

#[test]
fn an_ack_drawn_by_a_segment_after_the_syn_ack_is_reported() {
    const NAME: &str = "an_ack_drawn_by_a_segment_after_the_syn_ack_is_reported";
    if !namespace::entered(NAME, "true") {
        return;
    }
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let wire = Wire::new();
    let mut checks = Checks::start();
    let (mut acks, mut reported) = (0, 0);
    let followers = [Follower::Duplicate, Follower::Data, Follower::Fin, Follower::StrayReset, Follower::Ack];
    for (id, follower) in (0..CHECKS).flat_map(|_| followers).enumerate() {
        // By then the socket has been read, and the follower has arrived.
        let stall = Fault::Stall(Duration::from_millis(5));
        arm(faults::Plan { call: Call::Disconnect, fault: stall, after: 0, every: 1, times: 1 });
        checks.submit([request(id as u32, &host, port)]);
        let is_acknowledged = 0 < wire.acks_until_rst(port, |syn_ack| wire.send(mark(follower.behind(syn_ack))));
        let record = checks.next().unwrap();
        assert_eq!(Status::from_code(record.status), Some(Status::Up), "{record:?}");
        assert!(!is_acknowledged || record.full == 1, "{follower:?}: {record:?}");
        acks += u32::from(is_acknowledged);
        reported += u32::from(record.full);
    }
    disarm();
    let segments = CHECKS * followers.len() as u32;
    proves(
        file!(),
        NAME,
        "invisible",
        &format!("{segments} segments after a SYN-ACK: {acks} ACKs, {reported} reported"),
    );
}

/// The segments after a SYN-ACK, and the times of the engine's steps, in ms.
#[derive(Clone, Copy, Debug)]
struct Plan {
    /// The segments, with the time after the SYN-ACK or the segment before.
    segments: &'static [(Follower, u64)],
    /// The time from the SYN-ACK to the reading of the socket.
    until_read: u64,
    /// The time from the reading to the RST.
    until_reset: u64,
}

#[test]
fn the_ack_of_a_fin_leaves_earlier_and_is_reported() {
    const NAME: &str = "the_ack_of_a_fin_leaves_earlier_and_is_reported";
    let plans = [
        Plan { segments: &[(Follower::Fin, 0)], until_read: 15, until_reset: 100 },
        // The FIN arrives shortly before the ACK of the SYN-ACK is due.
        Plan { segments: &[(Follower::Fin, 180)], until_read: 188, until_reset: 17 },
        // The segment after the FIN does not postpone the ACK.
        Plan { segments: &[(Follower::Fin, 0), (Follower::Ack, 25)], until_read: 28, until_reset: 20 },
        // The data makes the SYN-ACK seem younger.
        Plan { segments: &[(Follower::DataAndFin, 175)], until_read: 185, until_reset: 17 },
    ];
    assert_reported(NAME, "true", &plans);
}

#[test]
fn the_ack_of_a_fin_leaves_even_earlier_with_a_short_minimum_rto_and_is_reported() {
    const NAME: &str = "the_ack_of_a_fin_leaves_even_earlier_with_a_short_minimum_rto_and_is_reported";
    // The ACK is sent after 19 ms (`tcp_delack_max()`).
    const SETUP: &str = "ip route replace local 127.0.0.1 dev lo table local src 127.0.0.1 rto_min 20ms";
    let plan = Plan { segments: &[(Follower::Fin, 0)], until_read: 10, until_reset: 15 };
    assert_reported(NAME, SETUP, &[plan]);
}

/// Asserts that results report the ACKs, some of which are sent after the reading of the socket.
fn assert_reported(name: &str, setup: &str, plans: &[Plan]) {
    if !namespace::entered(name, setup) {
        return;
    }
    const TIMES: u32 = 5;
    let target = listener("127.0.0.1:0");
    let (host, port) = host_and_port(target.local_addr().unwrap());
    let wire = Wire::new();
    let mut checks = Checks::start();
    let after = Duration::from_millis;
    let stall = |call, ms| faults::Plan { call, fault: Fault::Stall(after(ms)), after: 0, every: 1, times: 1 };
    let mut sent = 0;
    for (id, plan) in (0..TIMES).flat_map(|_| plans).enumerate() {
        arm_all([stall(Call::SetMinTtl, plan.until_read), stall(Call::Disconnect, plan.until_reset)]);
        checks.submit([request(id as u32, &host, port)]);
        let acks = wire.acks_until_rst(port, |syn_ack| {
            for (follower, wait) in plan.segments {
                std::thread::sleep(after(*wait));
                wire.send(mark(follower.behind(syn_ack)));
            }
        });
        let record = checks.next().unwrap();
        assert_eq!((disarm(), Status::from_code(record.status)), (2, Some(Status::Up)), "{record:?}");
        // On a busy machine, the SYN-ACK and the FIN may draw one each.
        assert!(acks == 0 || record.full == 1, "{acks} ACKs with {plan:?}: {record:?}");
        sent += acks;
    }
    // 0 only if each segment came too late for the reading.
    assert!(sent > 0);
    let counted = format!("{TIMES} checks with {plans:?}: {sent} ACKs, all reported");
    proves(file!(), name, "invisible", &counted);
}

/// The urgent pointer of this test's segments, which distinguishes them from the kernel's, and has no effect without the
/// flag URG.
const MARK: [u8; 2] = [0, 1];

fn mark(mut segment: Vec<u8>) -> Vec<u8> {
    segment[18..20].copy_from_slice(&MARK);
    segment
}

fn is_ours(segment: &[u8]) -> bool {
    segment[18..20] == MARK
}
