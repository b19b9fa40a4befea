/** The behaviour of hosts of the lab: the rules of its scenarios (tests/lab/src/scenario.rs). */

/** A time in ms: fixed, or random between two. */
export type Delay = number | [from: number, to: number];

/** A rule for SYNs to some addresses and ports. */
export interface Rule extends Behaviour {
  /** A prefix, "198.18.0.0/24"; all addresses of both families if absent. */
  to?: string;
  /** One port, or the first and the last; all if absent. */
  ports?: number | [first: number, last: number];
}

/** The behaviour of a host. Without replies it is silent. */
export interface Behaviour {
  /** The numbers of the lost SYNs to a port of a host, counted from 1 over all source ports. */
  loseSyns?: number[];
  /** The number of RSTs of a handshake that are lost. */
  loseResets?: number;
  /** The share of lost packets in both directions, 0 to 1. */
  loss?: number;
  /** Ms after the first SYN until the host wakes up and processes all packets. */
  wakesAfter?: number;
  /** The answers to each SYN. */
  replies?: Reply[];
}

/** One answer to a SYN. */
export interface Reply {
  send: Answer;
  /** Delay after the SYN; 0 by default. */
  after?: Delay;
  /** The numbers of the SYNs with this answer, counted like lost SYNs; all by default. */
  syns?: number[];
  /** Ms until it is retransmitted unless a RST has arrived; the interval doubles each time. */
  retransmitAfter?: number;
}

/** Answer to a SYN. */
export type Answer =
  /** `off` is added to the acknowledgment number, which is right with 0. SYN proxies send no options and no window. */
  | { kind: "syn-ack"; off?: number; window?: number; options?: boolean; data?: number }
  /** The RST of a closed port. `data` are bytes that come with it. */
  | { kind: "refusal"; off?: number; data?: number }
  /** A SYN from the host, as in a simultaneous open. */
  | { kind: "syn" }
  /** A segment whose checksum is wrong. */
  | { kind: "damaged" }
  /** The RST of an established connection: after a SYN-ACK. `off` is added to its sequence number. */
  | { kind: "reset"; off?: number }
  /** A byte of data, or the end of all data, from a host that does not wait for the last ACK. */
  | { kind: "data" | "fin" }
  /** An ICMP or, for an IPv6 address, ICMPv6 message that quotes the SYN. */
  | { kind: "icmp"; type: number; code: number };

/** Linux's default: the SYN-ACK is retransmitted after a second. */
const RETRANSMIT_AFTER = 1000;

/** A server, a round trip away. */
export function listening(roundTrip: Delay = 0): Behaviour {
  return { replies: [{ send: { kind: "syn-ack" }, after: roundTrip, retransmitAfter: RETRANSMIT_AFTER }] };
}

/** A host without a server, a round trip away. */
export function refusing(roundTrip: Delay = 0): Behaviour {
  return { replies: [{ send: { kind: "refusal" }, after: roundTrip }] };
}

/** An address without a host. */
export const silent: Behaviour = {};

/** A router that answers with an ICMP error, a round trip away. */
export function unreachable(type: number, code: number, roundTrip: Delay = 5): Behaviour {
  return { replies: [{ send: { kind: "icmp", type, code }, after: roundTrip }] };
}
