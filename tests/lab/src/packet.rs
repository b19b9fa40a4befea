//! The packets of answers.

use std::net::IpAddr;

use etherparse::{IpHeaders, PacketBuilder, PacketBuilderStep, TcpHeader, TcpOptionElement};

use crate::scenario::Answer;
use crate::segment::{Flow, Segment};

const TTL: u8 = 64;

/// The answer to a SYN of a server with an initial sequence number.
pub fn answer(answer: Answer, syn: &Segment<'_>, sequence: u32, clock: u32) -> Vec<u8> {
    let right = syn.tcp.sequence_number().wrapping_add(1);
    let next = sequence.wrapping_add(1);
    match answer {
        Answer::SynAck { off, window, options, data } => {
            let mut tcp = TcpHeader { syn: true, ..header(syn.flow, sequence) };
            acknowledge(&mut tcp, right.wrapping_add_signed(off));
            tcp.window_size = window;
            if options {
                let timestamp = syn.timestamp().map(|echo| TcpOptionElement::Timestamp(clock, echo));
                let mut elements = vec![
                    TcpOptionElement::MaximumSegmentSize(1460),
                    TcpOptionElement::SelectiveAcknowledgementPermitted,
                ];
                elements.extend(timestamp);
                elements.extend([TcpOptionElement::Noop, TcpOptionElement::WindowScale(7)]);
                tcp.set_options(&elements).expect("they fit");
            }
            segment(syn.flow, tcp, data)
        }
        Answer::Refusal { off, data } => {
            let mut tcp = TcpHeader { rst: true, ..header(syn.flow, 0) };
            acknowledge(&mut tcp, right.wrapping_add_signed(off));
            segment(syn.flow, tcp, data)
        }
        Answer::Syn => segment(syn.flow, TcpHeader { syn: true, ..header(syn.flow, sequence) }, 0),
        Answer::Damaged => {
            let mut packet = segment(syn.flow, header(syn.flow, sequence), 1);
            *packet.last_mut().expect("there is data") ^= 1;
            packet
        }
        Answer::Reset { off } => {
            let tcp = TcpHeader { rst: true, ..header(syn.flow, next.wrapping_add_signed(off)) };
            acknowledged(syn.flow, tcp, right, 0)
        }
        Answer::Data => acknowledged(syn.flow, header(syn.flow, next), right, 1),
        Answer::Fin => acknowledged(syn.flow, TcpHeader { fin: true, ..header(syn.flow, next) }, right, 0),
        Answer::Icmp { kind, code } => {
            let builder = ip(syn.flow);
            let mut packet = Vec::new();
            let written = match syn.flow.host.ip() {
                IpAddr::V4(_) => builder.icmpv4_raw(kind, code, [0; 4]).write(&mut packet, syn.packet),
                IpAddr::V6(_) => builder.icmpv6_raw(kind, code, [0; 4]).write(&mut packet, syn.packet),
            };
            written.expect("it is small");
            packet
        }
    }
}

fn header(flow: Flow, sequence: u32) -> TcpHeader {
    TcpHeader::new(flow.host.port(), flow.client.port(), sequence, 0)
}

fn acknowledge(tcp: &mut TcpHeader, number: u32) {
    tcp.ack = true;
    tcp.acknowledgment_number = number;
}

/// A segment that acknowledges a number.
fn acknowledged(flow: Flow, mut tcp: TcpHeader, number: u32, data: usize) -> Vec<u8> {
    acknowledge(&mut tcp, number);
    segment(flow, tcp, data)
}

fn segment(flow: Flow, tcp: TcpHeader, data: usize) -> Vec<u8> {
    let mut packet = Vec::new();
    ip(flow).tcp_header(tcp).write(&mut packet, &vec![b'x'; data]).expect("it is small");
    packet
}

/// From the host to the client.
fn ip(flow: Flow) -> PacketBuilderStep<IpHeaders> {
    match (flow.host.ip(), flow.client.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => PacketBuilder::ipv4(from.octets(), to.octets(), TTL),
        (IpAddr::V6(from), IpAddr::V6(to)) => PacketBuilder::ipv6(from.octets(), to.octets(), TTL),
        _ => unreachable!("both are of the packet that was read"),
    }
}
