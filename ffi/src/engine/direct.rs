//! A lone check of a loopback address, made on the caller's thread.
//!
//! On loopback the SYN-ACK or RST is there when connect() returns. So a check that comes while no other is pending
//! needs no second thread, and is spared the hand-over to the engine thread and back through a thread of Deno's pool,
//! which would take most of its time. If the answer is not there at once, or in doubt, the socket is closed, and the
//! engine makes the check with another SYN, which the result counts as a retransmission.

use std::net::SocketAddr;

use crate::config::Config;
use crate::instant::Instant;
use crate::reactor::checks::Check;
use crate::reactor::mailbox::SentBefore;
use crate::record::{Family, Host, Request, ResultRecord, requests};
use crate::sockets::probe;
use crate::sockets::probe_socket::ProbeSocket;
use crate::transport::{Ended, Verdict};

/// The sockets for direct checks: one for each address family, used again for each check. They are in no epoll
/// instance, so that they wake no other thread.
pub struct Direct {
    config: Config,
    v4: Option<ProbeSocket>,
    v6: Option<ProbeSocket>,
}

impl Direct {
    pub fn new(config: Config) -> Self {
        Self { config, v4: None, v6: None }
    }

    /// Makes the check of a batch that has only one, to a loopback address. An error if the engine must make the check:
    /// no answer is there, or nothing was sent, because the batch is another one, or opening the socket or connect()
    /// failed.
    pub fn check(&mut self, batch: &[u8]) -> Result<ResultRecord, SentBefore> {
        let nothing = SentBefore::default();
        let (request, address) = sole(batch).ok_or(nothing)?;
        let family = Family::of(&address);
        // With a limit of SYNs the engine makes the check, because it would not count a SYN that is sent here.
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
        // Send the RST before anything else. Dropping the socket sends it too.
        if verdict.leaves_usable() && socket.disconnect().is_ok() {
            *idle = Some(socket);
        } else {
            drop(socket);
        }
        let now = Instant::now();
        let mut check = Check::of_address(request.id, request.timeout, address, at).started(at);
        check.note(verdict.held_ack().may_have_left(now));
        Ok(match outcome {
            Ok(answer) => check.answered(&address, answer, now),
            Err((status, errno)) => check.failed(&address, status, errno, now),
        })
    }
}

/// The only check of a batch, if it is half open and to a loopback address.
fn sole(batch: &[u8]) -> Option<(Request<'_>, SocketAddr)> {
    let mut all = requests(batch);
    let (Some(Ok(request)), None) = (all.next(), all.next()) else { return None };
    let Host::Address(address) = request.host else { return None };
    let address = address.decode(request.port).ok()?;
    let suits = request.family.is_none_or(|family| family == Family::of(&address));
    (suits && request.zero_linger && address.ip().is_loopback()).then_some((request, address))
}
