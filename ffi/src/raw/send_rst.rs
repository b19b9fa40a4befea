//! The engine's RSTs to other hosts, which take the route of its SYNs, in addition to the kernel's RSTs.
//!
//! The kernel chooses a separate route for its RST to a SYN-ACK without a socket (`tcp_v4_send_reset()`,
//! `tcp_v6_send_response()`). Routing rules and several next hops may distinguish this RST from the SYN of a raw socket:
//! by interface, mark, TOS, user, protocol and ports and, for IPv6, by the source address. If the routes differ, the
//! kernel's RST may not arrive, and the other host keeps a half-open handshake. The second RST to arrive has no effect.

use smallvec::SmallVec;

use super::Raw;
use super::receive::ReceivedSegment;
use super::routes::leave_this_host;
use super::rst::{MAX_PACKET, Rst};
use crate::record::Family;
use crate::sys::recvmmsg::MAX_PER_RECEIVE;
use crate::sys::sendmmsg::MAX_PER_SEND;

impl Raw {
    /// Sends a RST for each SYN-ACK of another host in the last batch, even without a probe that waits for it, because a
    /// repeated SYN-ACK means that no RST has arrived.
    pub(super) fn reset_all(&mut self, family: Family) {
        if !self.has_left {
            return;
        }
        let tos = self.config.tos;
        let rst = |received: ReceivedSegment| {
            let (source, sequence) = (received.to?, received.answer.acknowledges);
            let ReceivedSegment { answer, from, .. } = received;
            let is_needed = answer.is_open && leave_this_host(source, from.ip());
            is_needed.then_some(Rst { source, source_port: answer.source_port, target: from, sequence, tos })
        };
        let received = self.received.packets().filter_map(|packet| ReceivedSegment::of(&packet));
        let resets: SmallVec<[Rst; MAX_PER_RECEIVE]> = received.filter_map(rst).collect();
        for few in resets.chunks(MAX_PER_SEND) {
            self.send_resets(family, few);
        }
    }

    /// Sends RSTs. A RST that can't be sent counts as lost; the other host retransmits the SYN-ACK.
    fn send_resets(&mut self, family: Family, resets: &[Rst]) {
        let Some(channel) = self.channels.of(family) else { return };
        let mut rooms = [[0; MAX_PACKET]; MAX_PER_SEND];
        let packets: SmallVec<[_; MAX_PER_SEND]> =
            resets.iter().zip(&mut rooms).map(|(rst, room)| (rst.write(room), rst.target)).collect();
        let mut rest = &packets[..];
        while !rest.is_empty() {
            let count = channel.send(rest.iter().copied()).unwrap_or(0);
            // An error is the first packet's, which is skipped.
            rest = rest.get(count.max(1)..).unwrap_or_default();
        }
    }
}
