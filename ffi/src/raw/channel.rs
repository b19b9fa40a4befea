//! The raw sockets of one address family: one sends, the other receives.

use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use libc::sock_filter;
use rustix::io::{self, Errno};
use rustix::net::ipproto;

use super::filter;
use crate::config::{Config, ConfigError};
use crate::record::Family;
use crate::status::Setting;
use crate::sys::recvmmsg::{ReceiveBatch, take_error};
use crate::sys::{attach_filter, memory, raw_socket, sendmmsg, set_option};

/// The size of the receive buffer, for answers that arrive while the engine thread is busy; the system may permit less.
const RECEIVE_BUFFER_BYTES: libc::c_int = 16 << 20;

/// The channels of both families.
pub struct Channels {
    pub v4: Channel,
    /// `None` on a host without IPv6.
    pub v6: Option<Channel>,
}

impl Channels {
    pub fn of(&mut self, family: Family) -> Option<&mut Channel> {
        match family {
            Family::V4 => Some(&mut self.v4),
            Family::V6 => self.v6.as_mut(),
        }
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Channel> {
        std::iter::once(&mut self.v4).chain(&mut self.v6)
    }
}

/// The raw sockets of one address family, and the state of their losses.
pub struct Channel {
    family: Family,
    /// The sending socket: its packets have IP headers, and it receives nothing (`IPPROTO_RAW`).
    sender: OwnedFd,
    /// The receiving socket. It sends nothing, so its errors are never errors of sending. It isn't bound to the
    /// interface, because this host reports an absent neighbour by loopback; the acknowledgment number of an answer
    /// identifies the probe.
    receiver: OwnedFd,
    /// The last value of the kernel's count of packets that were dropped, because the buffer was full or they were
    /// damaged.
    drops: u32,
    /// Whether the receive buffer was filling up, so that packets may have been dropped.
    was_full: bool,
    /// Whether the receive buffer was filling up while errors were read, so that ICMP errors may have been dropped.
    was_full_of_errors: bool,
}

impl Channel {
    /// Opens both sockets. Filters will have at most `most_ports` ports.
    pub fn open(family: Family, config: &Config, most_ports: usize) -> Result<Self, ConfigError> {
        let denied = ConfigError::of(Setting::RawSocket);
        let receiver = raw_socket(family.into(), ipproto::TCP).map_err(&denied)?;
        try_filters(receiver.as_fd(), family, most_ports).map_err(ConfigError::of(Setting::Filter))?;
        let sender = raw_socket(family.into(), ipproto::RAW).map_err(&denied)?;
        config.apply_to_raw(sender.as_fd(), family)?;
        set_options(receiver.as_fd(), sender.as_fd(), family).map_err(&denied)?;
        Ok(Self { family, sender, receiver, drops: 0, was_full: false, was_full_of_errors: false })
    }

    /// Tries the system calls of a check without a packet, because a system with raw sockets may still reject them.
    pub fn try_out(&self, received: &mut ReceiveBatch) -> Result<(), ConfigError> {
        memory(self.receiver()).map_err(ConfigError::of(Setting::Losses))?;
        let nothing_yet = |errno| if errno == Errno::AGAIN { Ok(0) } else { Err(errno) };
        sendmmsg::send(self.sender.as_fd(), std::iter::empty())
            .and_then(|_| received.fill(self.receiver()).or_else(nothing_yet))
            .and_then(|_| take_error(self.receiver()))
            .map_err(ConfigError::of(Setting::Batches))?;
        Ok(())
    }

    /// The receiving socket, for the poller.
    pub fn receiver(&self) -> BorrowedFd<'_> {
        self.receiver.as_fd()
    }

    /// Sets the filter to answers to these ports, which are sorted.
    pub fn listen_at(&self, ports: &[u16]) -> io::Result<()> {
        let program: Vec<sock_filter> =
            if ports.is_empty() { filter::nothing() } else { filter::answers_to(ports, self.family) };
        attach_filter(self.receiver.as_fd(), &program)
    }

    /// Binds the sending socket again, because the interface's name may now belong to another interface. If no interface
    /// has the name, sending fails.
    pub fn rebind(&self, config: &Config) {
        let _ = config.bind_raw(self.sender.as_fd(), self.family);
    }

    /// Sends packets by [`sendmmsg::send`].
    pub fn send<'a>(&self, packets: impl Iterator<Item = (&'a [u8], SocketAddr)> + Clone) -> io::Result<usize> {
        let send = || sendmmsg::send(self.sender.as_fd(), packets.clone());
        send().or_else(|errno| if self.drain_forged_errors() { send() } else { Err(errno) })
    }

    /// Drains ICMP errors that quote packets of the protocol `IPPROTO_RAW`. No such packet is sent, so the errors are
    /// forged. Only older kernels deliver them. Returns whether there were any.
    fn drain_forged_errors(&self) -> bool {
        std::iter::from_fn(|| take_error(self.sender.as_fd()).ok().flatten()).count() > 0
    }

    /// Records whether the receive buffer is filling up. If it is not, the dropped packets were damaged: the kernel also
    /// counts IPv6 segments with a wrong checksum (`rawv6_rcv()`).
    pub fn note_fill_level(&mut self) {
        self.was_full |= self.is_filling_up();
    }

    /// Records whether the receive buffer is filling up while errors are read, because the kernel does not count dropped
    /// errors (`sock_queue_err_skb()`).
    pub fn note_fill_level_of_errors(&mut self) {
        self.was_full_of_errors |= self.is_filling_up();
    }

    fn is_filling_up(&self) -> bool {
        memory(self.receiver.as_fd()).is_ok_and(|memory| memory.is_filling_up())
    }

    /// Takes the losses since the last call. Returns whether a full receive buffer may have dropped packets or ICMP
    /// errors.
    ///
    /// One system call reads both the count and the fill level, because the process may be stopped between two calls, and
    /// only one reading shows a new drop.
    pub fn take_losses(&mut self) -> bool {
        let before = self.drops;
        if let Ok(memory) = memory(self.receiver.as_fd()) {
            self.drops = memory.drops;
            self.was_full |= memory.is_filling_up();
        }
        let was_full = std::mem::take(&mut self.was_full);
        std::mem::take(&mut self.was_full_of_errors) | (was_full && self.drops != before)
    }
}

/// Attaches the largest filter twice, because the kernel holds the old and the new filter at the same time, and limits
/// their memory (`net.core.optmem_max`). Leaves the socket with a filter that accepts nothing.
fn try_filters(socket: BorrowedFd<'_>, family: Family, most_ports: usize) -> io::Result<()> {
    // Until a port is held, no segment is for this engine.
    attach_filter(socket, &filter::nothing())?;
    // Port 0 receives no segment.
    let largest = filter::answers_to(&vec![0; most_ports], family);
    attach_filter(socket, &largest)?;
    attach_filter(socket, &largest)?;
    attach_filter(socket, &filter::nothing())
}

fn set_options(receiver: BorrowedFd<'_>, sender: BorrowedFd<'_>, family: Family) -> io::Result<()> {
    const YES: libc::c_int = 1;
    let (level, errors) = match family {
        Family::V4 => (libc::IPPROTO_IP, libc::IP_RECVERR),
        Family::V6 => (libc::IPPROTO_IPV6, libc::IPV6_RECVERR),
    };
    set_option(receiver, level, errors, &YES)?;
    // With this option sending fails if a queue of this host drops the packet (`raw_send_hdrinc()`).
    set_option(sender, level, errors, &YES)?;
    set_option(receiver, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, &YES)?;
    if family == Family::V6 {
        // The kernel verifies the checksum at this offset. (Of IPv4 segments the engine verifies it.)
        const CHECKSUM_AT: libc::c_int = 16;
        set_option(receiver, libc::IPPROTO_IPV6, libc::IPV6_CHECKSUM, &CHECKSUM_AT)?;
        // A RST needs the destination of the SYN-ACK as its source. (IPv4 packets are received with their header.)
        set_option(receiver, libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO, &YES)?;
    }
    // More than `net.core.rmem_max` needs CAP_NET_ADMIN.
    let force = |name| set_option(receiver, libc::SOL_SOCKET, name, &RECEIVE_BUFFER_BYTES);
    force(libc::SO_RCVBUFFORCE).or_else(|_| force(libc::SO_RCVBUF))
}
