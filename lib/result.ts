/**
 * Targets and results of checks.
 *
 * @module
 */

/** Host and port. */
export interface HostPort {
  /** Name, IPv4 address, or IPv6 address with or without a zone. */
  readonly hostname: string;
  /** The port, 1 to 65535. */
  readonly port: number;
}

/**
 * Target of a check: `"host:port"`, `"192.0.2.1:80"`, `"[2001:db8::1]:80"`, `"[fe80::1%eth0]:80"`, or an object with the
 * same two parts, where an IPv6 address needs no brackets.
 */
export type CheckTarget = string | HostPort;

/**
 * Type of a result's `target`: the type of an object, or `string` for text. A literal type is widened, because results of
 * two literal targets could otherwise not be assigned to one variable.
 *
 * @typeParam T The type of the target.
 */
export type ResultTarget<T extends CheckTarget> = T extends string ? string : T;

/** Probed address. */
export interface ProbedAddress {
  /** The IP address in text form, without brackets. */
  hostname: string;
  /** The port. */
  port: number;
  /** The address family. */
  family: 4 | 6;
}

/**
 * Engine that makes checks: by TCP sockets, by raw sockets, or by `Deno.connect()`; see `CheckerOptions.engine`.
 */
export type Engine = "socket" | "raw" | "connect";

/** Whether the handshake was completed; see {@linkcode CheckResultBase.mode}. */
export type Mode = "half-open" | "full";

/** Fields of every result. */
export interface CheckResultBase<T extends CheckTarget = CheckTarget> {
  /** The target as given: if it was an object, the same object. */
  target: T;
  /**
   * The address with the reported status; absent if none was probed. If a name has several addresses and none is up, it is
   * the address with the most specific failure: a local error, then refused, timeout, unreachable.
   */
  address?: ProbedAddress;
  /**
   * `"half-open"`: the last ACK of the handshake was never sent, so the application behind the port saw no connection.
   * `"full"`: the ACK was or may have been sent, so the application may have seen a connection. The causes:
   * `zeroLinger: false` or `engine: "connect"`; half-open checks are not available on this system; or the kernel sent the
   * ACK, because the process had no CPU for nearly 200 ms, or because a second SYN-ACK, data, a FIN or a stray RST came
   * before the check's RST was sent. For an address that is not up it is the mode that a connection would have had.
   */
  mode: Mode;
  /** The engine that made the check. */
  engine: Engine;
  /** Time spent on name resolution, in ms; 0 for an IP address. */
  dnsTime: number;
  /** Time from the start of the check to its outcome, in ms, without time in the checker's own queues. */
  duration: number;
  /**
   * Time in the checker's own queues, in ms: for a thread that looks up the name, a socket, a local port, or the `rate`.
   * Absent below 1 ms. This time does not count against the timeout; `queueTimeout` limits it.
   */
  queueTime?: number;
}

/** TCP options and window of the SYN-ACK. */
export interface PeerDetails {
  /** Whether the peer supports TCP timestamps (RFC 7323). */
  timestamps: boolean;
  /** Whether the peer permits selective acknowledgments, SACK (RFC 2018). */
  sack: boolean;
  /**
   * Whether the peer supports explicit congestion notification (RFC 3168); false if the SYN does not request it, as with the
   * engine `"raw"` or by `net.ipv4.tcp_ecn`.
   */
  ecn: boolean;
  /** Window scale: the shift of later windows (RFC 7323); absent if the SYN-ACK lacks the option. */
  windowScale?: number;
  /** Receive window of the SYN-ACK in bytes; absent before Linux 5.4, which does not report it. */
  window?: number;
  /** Maximum segment size in bytes: the peer's, or that of the path if it is smaller. */
  mss: number;
}

/** The port is open: a SYN-ACK came. */
export interface UpResult<T extends CheckTarget = CheckTarget> extends CheckResultBase<T> {
  /** The outcome. */
  status: "up";
  /** The address that answered. */
  address: ProbedAddress;
  /**
   * Round trip time (RTT) in ms, from SYN to SYN-ACK. It is the kernel's sample or, with the engine `"raw"`, the time from
   * the system call that sends the SYN to the kernel's receipt of the SYN-ACK. If the SYN was retransmitted and the peer
   * has no TCP timestamps, there is no sample (Karn's algorithm); then it is the time since the first SYN. With the engine
   * `"connect"` it is the duration of `Deno.connect()`.
   */
  rtt: number;
  /** SYN retransmissions; 0 with the engine `"connect"`, which can't count them. */
  retransmits: number;
  /** TCP options and window of the SYN-ACK, if `details` is set; absent with the engine `"connect"`. */
  peer?: PeerDetails;
}

/** The port is closed: a RST came (`ECONNREFUSED`). */
export interface RefusedResult<T extends CheckTarget = CheckTarget> extends CheckResultBase<T> {
  /** The outcome. */
  status: "refused";
  /** The address that sent the RST. */
  address: ProbedAddress;
  /** The name of the error. */
  code: string;
  /** The number of the error. */
  errno: number;
}

/**
 * No answer came within the timeout, name resolution included, or to all SYNs that `synRetries` allows; or the check waited
 * for longer than `queueTimeout` in the checker's own queues.
 */
export interface TimeoutResult<T extends CheckTarget = CheckTarget> extends CheckResultBase<T> {
  /** The outcome. */
  status: "timeout";
  /**
   * The step that took too long: the lookup of the name, the connection attempt, or the wait in the checker's own queues.
   * After `"queue"` the target's state is unknown; it occurs only with a `queueTimeout`.
   */
  phase: "resolve" | "connect" | "queue";
  /**
   * SYN retransmissions, as in {@linkcode UpResult}. The second SYN is sent after 0.9 s, or 1 s with the engine `"raw"`, if
   * the timeout is above 1 s.
   */
  retransmits: number;
}

/** This host's routing table or the network has no route to the target (`EHOSTUNREACH`, `ENETUNREACH`, ...). */
export interface UnreachableResult<T extends CheckTarget = CheckTarget> extends CheckResultBase<T> {
  /** The outcome. */
  status: "unreachable";
  /** The address that can't be reached. */
  address: ProbedAddress;
  /** The name of the error. */
  code: string;
  /** The number of the error. */
  errno: number;
  /**
   * Whether a SYN was sent: `false` if this host has no route to the address; `true` if the network answered the SYN with
   * an ICMP error, or if no neighbour has the address (ARP, neighbour discovery). Absent with the engine `"connect"`, which
   * can't distinguish the two.
   */
  sent?: boolean;
}

/** The name has no address or is blocked by a DNS filter; or the target has no address of the requested family. */
export interface UnresolvedResult<T extends CheckTarget = CheckTarget> extends CheckResultBase<T> {
  /** The outcome. */
  status: "unresolved";
  /**
   * Error code of getaddrinfo(): `"EAI_NONAME"`, `"EAI_AGAIN"`, ... `"SINKHOLE"` means that the name has only unspecified
   * addresses, `0.0.0.0` or `::`, which DNS filters return for blocked names. These addresses are not probed, because a
   * connection to them reaches this host. A target that is an unspecified address is probed.
   */
  code: string;
}

/** The option `allow` denied the address, or each address of the name. No SYN was sent. */
export interface DeniedResult<T extends CheckTarget = CheckTarget> extends CheckResultBase<T> {
  /** The outcome. */
  status: "denied";
  /** The denied address; the first one of a name. */
  address: ProbedAddress;
}

/** This host failed (`EADDRNOTAVAIL`, `ENOBUFS`, `EPERM`, ...). The state of the target is unknown. */
export interface LocalErrorResult<T extends CheckTarget = CheckTarget> extends CheckResultBase<T> {
  /** The outcome. */
  status: "local-error";
  /** The name of the error. */
  code: string;
  /** The number of the error. */
  errno: number;
}

/** The target is malformed and was not checked. Only `checkAll()` with `onInvalid: "result"` has such results. */
export interface InvalidResult<T extends CheckTarget = CheckTarget> extends CheckResultBase<T> {
  /** The outcome. */
  status: "invalid";
  /** The error that `checkAddr()` would reject with. */
  error: TypeError | RangeError;
}

/**
 * Result of a check: a union discriminated by `status`.
 *
 * @example
 * ```ts
 * import { type CheckResult, checkAddr } from "@tcp-shaker/tcp-shaker";
 *
 * interface Backend {
 *   hostname: string;
 *   port: number;
 *   weight: number;
 * }
 *
 * function log({ target, status }: CheckResult<Backend>) {
 *   console.log(target.hostname, "of weight", target.weight, "is", status);
 * }
 *
 * log(await checkAddr({ hostname: "127.0.0.1", port: 1, weight: 3 }));
 * ```
 *
 * @typeParam T The type of the target.
 */
export type CheckResult<T extends CheckTarget = CheckTarget> =
  | UpResult<T>
  | RefusedResult<T>
  | TimeoutResult<T>
  | UnreachableResult<T>
  | UnresolvedResult<T>
  | DeniedResult<T>
  | LocalErrorResult<T>;

/**
 * Result of `checkAll()`. With `onInvalid: "result"` it may be an {@linkcode InvalidResult}.
 *
 * @typeParam T The type of the target.
 * @typeParam OnInvalid The option.
 */
export type CheckAllResult<T extends CheckTarget = CheckTarget, OnInvalid extends "throw" | "result" = "throw"> =
  | CheckResult<T>
  | ("result" extends OnInvalid ? InvalidResult<T> : never);

/** Status of a check; see {@linkcode CheckResult}. */
export type Status = CheckResult["status"];
