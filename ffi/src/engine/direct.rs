//! A lone check of a loopback address, made on the caller's thread.
//!
//! On loopback the SYN-ACK or RST has arrived when connect() returns. The engine thread is not needed, and the switches
//! to it and back through a thread of Deno's pool would take most of the check's time. If no answer has arrived, or it is
//! doubtful, the socket is closed, and the engine thread makes the check with another SYN, which the result counts as a
//! retransmission.

use std::net::SocketAddr;

use crate::config::Config;
use crate::instant::Instant;
use crate::reactor::checks::Check;
use crate::reactor::mailbox::SentBefore;
use crate::record::{Family, Host, Request, ResultRecord, requests};
use crate::sockets::probe;
use crate::sockets::probe_socket::ProbeSocket;
use crate::transport::{Ended, Verdict};

/// The sockets of direct checks: one per address family, recycled after each check. They are in no epoll instance, so
/// that they wake no other thread.
pub struct Direct {
    config: Config,
    v4: Option<ProbeSocket>,
    v6: Option<ProbeSocket>,
}

impl Direct {
    pub fn new(config: Config) -> Self {
        Self { config, v4: None, v6: None }
    }

    /// Makes the check of a batch with a single request, for a loopback address. Returns an error if the engine thread
    /// must make the checks: the batch is not of this kind, the socket or connect() failed, or no answer has arrived.
    pub fn check(&mut self, batch: &[u8]) -> Result<ResultRecord, SentBefore> {
        let nothing = SentBefore::default();
        let (request, address) = sole(batch).ok_or(nothing)?;
        let family = Family::of(&address);
        // A SYN that is sent here does not count against a limit on SYNs, so the engine thread makes the check.
        if self.config.syn_retries.is_some() || self.config.family().is_some_and(|only| only != family) {
            return Err(nothing);
        }
        let idle = match family {
            Family::V4 => &mut self.v4,
            Family::V6 => &mut self.v6,
        };
        let open = || ProbeSocket::open(&self.config, family, true);
        let socket = idle.take().map_or_else(open, Ok).map_err(|_| nothing)?;
        let at = Instant::now();
        socket.connect(&address).map_err(|_| nothing)?;
        let mut verdict = probe::verdict(&socket, false);
        if verdict == Verdict::Pending {
            verdict = probe::verdict(&socket, true);
        }
        let Some(outcome) = verdict.outcome() else {
            let Ended { acknowledged, retransmits, .. } = probe::abort(socket);
            return Err(SentBefore { syns: 1 + retransmits as u16, acknowledged });
        };
        // The RST is sent first, by the disconnect or by the drop of the socket.
        if verdict.leaves_usable() && socket.disconnect().is_ok() {
            *idle = Some(socket);
        } else {
            drop(socket);
        }
        let now = Instant::now();
        let mut check = Check::of_address(request.id, request.timeout, address, at).started(at);
        check.record_ack(verdict.held_ack().may_have_left(now));
        Ok(match outcome {
            Ok(answer) => check.answered(&address, answer, now),
            Err((status, errno)) => check.failed(&address, status, errno, now),
        })
    }
}

/// The only check of a batch, if it is half-open and of a loopback address.
fn sole(batch: &[u8]) -> Option<(Request<'_>, SocketAddr)> {
    let mut all = requests(batch);
    let (Some(Ok(request)), None) = (all.next(), all.next()) else { return None };
    let Host::Address(address) = request.host else { return None };
    let address = address.decode(request.port).ok()?;
    let has_family = request.family.is_none_or(|family| family == Family::of(&address));
    (has_family && request.zero_linger && address.ip().is_loopback()).then_some((request, address))
}
