//! Benchmark of only a raw check's system calls: `bare_raw TARGET CHECKS WARM_UP`.
//!
//! One thread, two raw sockets with the engine's options, and SYNs from 100 ports by the engine's code, without deadlines,
//! queue, results and other threads. It needs CAP_NET_RAW, and an IPv4 target on this host, whose answers arrive within the
//! system call that sends the SYNs. `deno task bench` compares the module with it.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::{AsFd, OwnedFd};

use rustix::io::{self, Errno};
use rustix::net::{AddressFamily, Protocol, SocketFlags, SocketType, ipproto};
use tcp_shaker::record;

mod bare;
#[path = "bare/raw.rs"]
mod raw;

use bare::{Given, IN_FLIGHT, sys};
use raw::checksum::is_intact;
use raw::filter;
use raw::segment::Segment;
use raw::syn::{MAX_PACKET, Syn};
use record::Family;
use sys::recvmmsg::{ReceiveBatch, Received};
use sys::sendmmsg::{self, MAX_PER_SEND};

const SOURCE: Ipv4Addr = Ipv4Addr::LOCALHOST;

struct Loop {
    sender: OwnedFd,
    receiver: OwnedFd,
    received: ReceiveBatch,
    /// The source ports, one per check in flight.
    ports: Vec<Port>,
    /// The index of a port, by its number.
    index: Vec<usize>,
    target: SocketAddrV4,
    /// The last sequence number.
    sequence: u32,
}

/// A source port, bound so that no other socket gets it.
struct Port {
    number: u16,
    sequence: u32,
    _socket: OwnedFd,
}

fn main() -> io::Result<()> {
    let given = Given::read();
    let SocketAddr::V4(target) = given.target else { panic!("TARGET must be an IPv4 address") };
    let mut bare = Loop::new(target)?;
    given.measure(|checks| bare.run(checks))
}

impl Loop {
    fn new(target: SocketAddrV4) -> io::Result<Self> {
        let ports = (0..IN_FLIGHT).map(|_| Port::hold()).collect::<io::Result<Vec<_>>>()?;
        let mut index = vec![usize::MAX; 1 << 16];
        for (i, port) in ports.iter().enumerate() {
            index[usize::from(port.number)] = i;
        }
        let mut numbers: Vec<_> = ports.iter().map(|port| port.number).collect();
        numbers.sort_unstable();
        let receiver = open(ipproto::TCP)?;
        sys::attach_filter(receiver.as_fd(), &filter::answers_to(&numbers, Family::V4))?;
        const YES: libc::c_int = 1;
        sys::set_option(receiver.as_fd(), libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, &YES)?;
        Ok(Self {
            sender: open(ipproto::RAW)?,
            receiver,
            received: ReceiveBatch::new(),
            ports,
            index,
            target,
            sequence: 0,
        })
    }

    fn run(&mut self, checks: usize) -> io::Result<()> {
        let (mut started, mut ended) = (0, 0);
        let mut free: Vec<_> = (0..self.ports.len()).collect();
        while ended < checks {
            free.truncate(checks - started);
            started += free.len();
            free.chunks(MAX_PER_SEND).try_for_each(|few| self.start(few))?;
            free.clear();
            match self.received.fill(self.receiver.as_fd()) {
                Ok(_) | Err(Errno::AGAIN) => {}
                Err(errno) => return Err(errno),
            }
            free.extend(self.received.packets().filter_map(|packet| self.answered(&packet)));
            ended += free.len();
        }
        Ok(())
    }

    /// Sends the SYNs of some ports.
    fn start(&mut self, few: &[usize]) -> io::Result<()> {
        let mut rooms = [[0; MAX_PACKET]; MAX_PER_SEND];
        let mut packets = Vec::with_capacity(MAX_PER_SEND);
        for (index, room) in few.iter().zip(&mut rooms) {
            // Far from the last number, like the engine's.
            self.sequence = self.sequence.wrapping_add(0x9e37_79b9);
            let port = &mut self.ports[*index];
            port.sequence = self.sequence;
            let syn = Syn {
                source: SOURCE.into(),
                source_port: port.number,
                target: self.target.into(),
                sequence: self.sequence,
                timestamp: self.sequence,
                tos: 0,
                noise: self.sequence,
            };
            packets.push((syn.write(room), SocketAddr::from(self.target)));
        }
        let sent = sendmmsg::send(self.sender.as_fd(), packets.iter().copied())?;
        assert_eq!(sent, packets.len(), "the system has no room");
        Ok(())
    }

    /// The index of the port whose SYN a packet answers.
    fn answered(&self, packet: &Received<'_>) -> Option<usize> {
        let (header, segment) = packet.data.split_first_chunk::<20>()?;
        let (source, destination) = (header[12..].first_chunk::<4>()?, header[16..].first_chunk::<4>()?);
        let answer = Segment::parse(segment).filter(|_| is_intact((*source).into(), (*destination).into(), segment))?;
        let index = self.index[usize::from(answer.source_port)];
        (answer.acknowledges == self.ports.get(index)?.sequence.wrapping_add(1)).then_some(index)
    }
}

impl Port {
    fn hold() -> io::Result<Self> {
        let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, Some(ipproto::TCP))?;
        rustix::net::bind(&socket, &SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)))?;
        let number = SocketAddr::try_from(rustix::net::getsockname(&socket)?)?.port();
        Ok(Self { number, sequence: 0, _socket: socket })
    }
}

fn open(protocol: Protocol) -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    rustix::net::socket_with(AddressFamily::INET, SocketType::RAW, flags, Some(protocol))
}
