//! The raw engine: probes by raw sockets. The kernel has no TCP socket for the engine's SYNs, so it answers each SYN-ACK
//! with a RST at once, even after this process has died. Needs CAP_NET_RAW.

mod channel;
mod checksum;
mod filter;
mod in_flight;
mod ip_header;
mod losses;
mod ports;
mod rate;
mod rate_limit;
mod receive;
mod retransmission;
mod routes;
mod rst;
mod segment;
mod send_queue;
mod send_rst;
mod syn;
mod syn_cookie;
mod tcp_header;
mod transport;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustix::io::Errno;
use rustix::time::{ClockId, clock_gettime};

use crate::config::{Config, ConfigError};
use crate::instant::Instant;
use crate::record::Family;
use crate::status::Setting;
use crate::sys::poller::Poller;
use crate::sys::recvmmsg::ReceiveBatch;
use crate::transport::NotStarted;
use channel::{Channel, Channels};
use in_flight::InFlight;
use losses::Losses;
use ports::Ports;
use rate_limit::RateLimit;
use routes::Routes;
use send_queue::SendQueue;

pub use rate::Rate;

/// The transport of the raw engine.
pub struct Raw {
    config: Config,
    in_flight: InFlight,
    ports: Ports,
    routes: Routes,
    send_queue: SendQueue,
    channels: Channels,
    received: ReceiveBatch,
    /// Whether a SYN was sent to another host since the ports are held, so that late SYN-ACKs may arrive at them.
    has_left: bool,
    losses: Losses,
    /// The time since which no probe has been in flight.
    idle_since: Option<Instant>,
}

/// The maximum number of probes in flight, of all threads of an engine.
pub const WINDOW: usize = 1 << 20;

/// The poller's keys. They differ from the keys of probes, because a slotmap's index is below `u32::MAX`, and from the
/// waker's, the highest.
mod keys {
    pub const V4: u64 = u64::MAX - 1;
    pub const V6: u64 = u64::MAX - 2;
    pub const ROUTES: u64 = u64::MAX - 3;
}

/// How long unused ports are held.
const IDLE_PORT_TIME: Duration = Duration::from_secs(1);
/// How long unused ports are held after checks of other hosts: Linux retransmits a SYN-ACK for 63 s
/// (`tcp_synack_retries`).
const IDLE_PORT_TIME_AFTER_OTHER_HOSTS: Duration = Duration::from_secs(64);

impl Raw {
    /// Opens the raw sockets and the routing socket. The sockets that hold ports take at most a quarter of
    /// `descriptors`.
    pub fn open(
        config: Config,
        descriptors: usize,
        rate: Option<Arc<Rate>>,
        poller: &Poller,
    ) -> Result<Self, ConfigError> {
        let most_ports = Ports::new(descriptors, config.threads(), true).limit();
        let v4 = Channel::open(Family::V4, &config, most_ports)?;
        let v6 = match Channel::open(Family::V6, &config, most_ports) {
            Err(ConfigError { setting: Setting::RawSocket, errno: Errno::AFNOSUPPORT }) => None,
            opened => Some(opened?),
        };
        let mut received = ReceiveBatch::new();
        [Some(&v4), v6.as_ref()].into_iter().flatten().try_for_each(|channel| channel.try_out(&mut received))?;
        let routes = Routes::new(&config, v6.is_some())?;
        let ports = Ports::new(descriptors, config.threads(), v6.is_some());
        ports.try_out().map_err(ConfigError::of(Setting::Ports))?;
        poller.add_readable(v4.receiver(), keys::V4)?;
        if let Some(v6) = &v6 {
            poller.add_readable(v6.receiver(), keys::V6)?;
        }
        poller.add_readable(routes.notifications(), keys::ROUTES)?;
        Ok(Self {
            config,
            in_flight: InFlight::default(),
            ports,
            routes,
            send_queue: SendQueue::new(RateLimit::new(rate), config.tos),
            channels: Channels { v4, v6 },
            received,
            has_left: false,
            losses: Losses::default(),
            idle_since: Some(Instant::now()),
        })
    }

    /// Finds a source port that no other probe of the target uses.
    fn port_for(&mut self, target: &SocketAddr) -> Result<u16, NotStarted> {
        loop {
            let in_flight = &self.in_flight;
            if let Some(port) = self.ports.next(|port| in_flight.find(target, port).is_none()) {
                return Ok(port);
            }
            let before = self.ports.len();
            self.ports.grow()?;
            // The filter drops answers to a port that it does not contain.
            self.listen().inspect_err(|_| self.ports.shrink_to(before))?;
        }
    }

    /// Sets the filters to the held ports.
    fn listen(&mut self) -> Result<(), NotStarted> {
        let ports = self.ports.sorted();
        self.channels.iter_mut().try_for_each(|channel| channel.listen_at(&ports)).map_err(NotStarted::of)
    }

    /// How long unused ports are held.
    fn idle_port_time(&self) -> Duration {
        if self.has_left { IDLE_PORT_TIME_AFTER_OTHER_HOSTS } else { IDLE_PORT_TIME }
    }
}

/// The real-time clock in ns, which the kernel's packet timestamps use.
fn wall_clock() -> u64 {
    let now = clock_gettime(ClockId::Realtime);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}
