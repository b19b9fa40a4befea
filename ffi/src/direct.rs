//! A check of this very host, made by whoever asks for it.
//!
//! On loopback a SYN is answered while connect() is under way. So a check that comes alone, while there is no other,
//! needs no other thread: that spares it the way to the engine thread, and back over a thread of Deno's pool, on which it
//! would spend most of its time. One that is not answered at once goes to the engine, with its socket.

use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::time::Duration;

use crate::check::Check;
use crate::config::Config;
use crate::instant::Instant;
use crate::probe::{self, Verdict};
use crate::probe_socket::ProbeSocket;
use crate::record::{Family, Request, ResultRecord, requests};
use crate::resolver::parse_literal;
use crate::sys;

/// The socket that is used again and again, one a family. It is in no epoll instance: nobody else is to wake up for it.
pub struct Direct {
    config: Config,
    v4: Option<ProbeSocket>,
    v6: Option<ProbeSocket>,
}

/// What has become of a check.
pub enum Step {
    /// It is over.
    Answered(ResultRecord),
    /// Its SYN is out, and not answered.
    Begun(Begun),
}

/// A check whose SYN somebody else has sent.
pub struct Begun {
    pub id: u32,
    pub timeout: Duration,
    pub address: SocketAddr,
    pub socket: ProbeSocket,
    pub at: Instant,
}

impl Direct {
    pub fn new(config: Config) -> Self {
        Self { config, v4: None, v6: None }
    }

    /// Makes a check, if it is alone in its batch, and on loopback. It is left to others where the system has no socket,
    /// or no way, and nothing was sent.
    pub fn check(&mut self, batch: &[u8]) -> Option<Step> {
        let (request, address) = sole(batch)?;
        let family = Family::of(&address);
        if self.config.family().is_some_and(|only| only != family) {
            return None;
        }
        let idle = match family {
            Family::V4 => &mut self.v4,
            Family::V6 => &mut self.v6,
        };
        let socket = idle.take().map_or_else(|| ProbeSocket::open(&self.config, family, true), Ok).ok()?;
        let at = Instant::now();
        sys::connect(socket.as_fd(), &address).ok()?;
        let mut verdict = probe::verdict(socket.as_fd(), false);
        if verdict == Verdict::Pending {
            verdict = probe::verdict(socket.as_fd(), true);
        }
        let Some(outcome) = verdict.outcome() else {
            return Some(Step::Begun(Begun { id: request.id, timeout: request.timeout, address, socket, at }));
        };
        // First of all the RST, which dropping sends too.
        if verdict.leaves_usable() && socket.disconnect().is_ok() {
            *idle = Some(socket);
        } else {
            drop(socket);
        }
        let now = Instant::now();
        let mut check = Check::of_address(request.id, request.timeout, address, at);
        check.clock.start(at);
        check.note(verdict.held_ack().may_have_left(now));
        Some(Step::Answered(match outcome {
            Ok(answer) => check.answered(&address, answer, now),
            Err((status, errno)) => check.failed(&address, status, errno, now),
        }))
    }
}

/// The only check of a batch, if it is one of loopback.
fn sole(batch: &[u8]) -> Option<(Request<'_>, SocketAddr)> {
    let mut all = requests(batch);
    let (Some(Ok(request)), None) = (all.next(), all.next()) else { return None };
    let mut address = parse_literal(request.host)?.ok()?;
    address.set_port(request.port);
    let suits = request.family.is_none_or(|family| family == Family::of(&address));
    (suits && request.zero_linger && address.ip().is_loopback()).then_some((request, address))
}
