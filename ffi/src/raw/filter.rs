//! The classic BPF filter of the receiving raw socket.
//!
//! Without a filter the socket would receive a copy of every TCP segment that this host receives. The filter accepts only
//! SYN-ACKs and RSTs for the engine's ports.

use libc::{
    BPF_ALU, BPF_AND, BPF_B, BPF_H, BPF_IMM, BPF_IND, BPF_JA, BPF_JEQ, BPF_JGE, BPF_JMP, BPF_K, BPF_LD, BPF_LDX,
    BPF_MSH, BPF_RET, sock_filter,
};

use super::segment::{FLAGS_AT, PORT_AT, RELEVANT_FLAGS, RST_ACK, SYN_ACK};
use crate::record::Family;

/// More ports than this are searched by binary search.
const LEAF: usize = 8;

const NOTHING: u32 = 0;
const ALL_OF_IT: u32 = u32::MAX;

/// A program that drops everything, for a socket without ports.
pub fn nothing() -> Vec<sock_filter> {
    vec![instruction(BPF_RET | BPF_K, NOTHING)]
}

/// A program that accepts answers to SYNs from `ports`, which must be sorted.
pub fn answers_to(ports: &[u16], family: Family) -> Vec<sock_filter> {
    let mut program = vec![
        match family {
            // The IPv4 header is included; its length is in the first byte.
            Family::V4 => instruction(BPF_LDX | BPF_B | BPF_MSH, 0),
            // An IPv6 header is not included.
            Family::V6 => instruction(BPF_LDX | BPF_IMM, 0),
        },
        instruction(BPF_LD | BPF_B | BPF_IND, FLAGS_AT),
        instruction(BPF_ALU | BPF_AND | BPF_K, RELEVANT_FLAGS.into()),
        jump(BPF_JEQ, SYN_ACK.into(), 2, 0),
        jump(BPF_JEQ, RST_ACK.into(), 1, 0),
        instruction(BPF_RET | BPF_K, NOTHING),
        instruction(BPF_LD | BPF_H | BPF_IND, PORT_AT),
    ];
    search(ports, &mut program);
    program
}

/// Appends a search for the loaded port. Both outcomes end the program.
fn search(ports: &[u16], program: &mut Vec<sock_filter>) {
    if ports.len() <= LEAF {
        for (i, port) in ports.iter().enumerate() {
            // A match skips the following comparisons, and the instruction after them.
            program.push(jump(BPF_JEQ, (*port).into(), (ports.len() - i) as u8, 0));
        }
        program.push(instruction(BPF_RET | BPF_K, NOTHING));
        program.push(instruction(BPF_RET | BPF_K, ALL_OF_IT));
        return;
    }
    let (low, high) = ports.split_at(ports.len() / 2);
    program.push(jump(BPF_JGE, high[0].into(), 0, 1));
    // A conditional jump can skip at most 255 instructions.
    let over = program.len();
    program.push(instruction(BPF_JMP | BPF_JA, 0));
    search(low, program);
    program[over].k = (program.len() - over - 1) as u32;
    search(high, program);
}

fn instruction(code: u32, k: u32) -> sock_filter {
    sock_filter { code: code as u16, jt: 0, jf: 0, k }
}

fn jump(condition: u32, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter { code: (BPF_JMP | condition | BPF_K) as u16, jt, jf, k }
}

// A socket pair shows what a program accepts, without privileges. Miri has no sockets.
#[cfg(all(test, not(miri)))]
mod tests {
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixDatagram;

    use proptest::collection::btree_set;
    use proptest::prelude::*;

    use super::*;
    use crate::raw::segment::Segment;
    use crate::sys;

    /// Whether a socket with the filter `program` receives a packet.
    fn takes(program: &[sock_filter], packets: &[Vec<u8>]) -> Vec<bool> {
        let (from, to) = UnixDatagram::pair().unwrap();
        to.set_nonblocking(true).unwrap();
        sys::attach_filter(to.as_fd(), program).unwrap();
        let mut room = [0; 100];
        packets
            .iter()
            .map(|packet| {
                from.send(packet).unwrap();
                to.recv(&mut room).is_ok()
            })
            .collect()
    }

    fn packet(family: Family, options: usize, port: u16, flags: u8) -> Vec<u8> {
        let mut segment = [0; 20];
        segment[2..4].copy_from_slice(&port.to_be_bytes());
        segment[12..14].copy_from_slice(&[5 << 4, flags]);
        let mut header = vec![0; if family == Family::V4 { 20 + 4 * options } else { 0 }];
        if let Some(first) = header.first_mut() {
            *first = 0x45 + options as u8;
        }
        [header, segment.to_vec()].concat()
    }

    #[test]
    fn a_program_without_ports_accepts_nothing() {
        assert_eq!(takes(&nothing(), &[packet(Family::V6, 0, 1, SYN_ACK)]), [false]);
        assert_eq!(takes(&answers_to(&[], Family::V6), &[packet(Family::V6, 0, 1, SYN_ACK)]), [false]);
    }

    #[test]
    fn only_syn_ack_and_rst_ack_are_accepted() {
        let packets: Vec<_> = (0..=u8::MAX).map(|flags| packet(Family::V4, 0, 7, flags)).collect();
        let expected: Vec<_> = packets.iter().map(|packet| Segment::parse(&packet[20..]).is_some()).collect();
        assert_eq!(takes(&answers_to(&[7], Family::V4), &packets), expected);
    }

    #[test]
    fn a_truncated_packet_is_dropped() {
        for family in [Family::V4, Family::V6] {
            let whole = packet(family, 0, 7, SYN_ACK);
            let cut: Vec<_> = (1..whole.len() - 6).map(|length| whole[..length].to_vec()).collect();
            assert_eq!(takes(&answers_to(&[7], family), &cut), vec![false; cut.len()]);
        }
    }

    proptest! {
        #[test]
        fn held_ports_are_found_among_any_number(
            ports in btree_set(any::<u16>(), 1..300), others in btree_set(any::<u16>(), 1..50), options in 0..=10usize,
        ) {
            let ours: Vec<_> = ports.iter().copied().collect();
            let asked: Vec<_> = ports.union(&others).copied().collect();
            let expected: Vec<_> = asked.iter().map(|port| ports.contains(port)).collect();
            for family in [Family::V4, Family::V6] {
                let packets: Vec<_> = asked.iter().map(|port| packet(family, options, *port, SYN_ACK)).collect();
                prop_assert_eq!(&takes(&answers_to(&ours, family), &packets), &expected);
            }
        }
    }
}
