/**
 * Targets and results of checks.
 *
 * @module
 */

/** A host and a port. */
export interface HostPort {
  /** A name, an IPv4 address, or an IPv6 address with or without a zone. */
  readonly hostname: string;
  /** The port, 1 to 65535. */
  readonly port: number;
}

/**
 * What to check: `"host:port"`, `"192.0.2.1:80"`, `"[2001:db8::1]:80"`, `"[fe80::1%eth0]:80"`, or an object with the
 * same two parts, where an IPv6 address needs no brackets.
 */
export type CheckTarget = string | HostPort;

/** An address that was probed. */
export interface ProbedAddress {
  /** The IP address in text form, without brackets. */
  hostname: string;
  /** The port. */
  port: number;
  /** The address family. */
  family: 4 | 6;
}

/**
 * What makes checks: the kernel's sockets, packets of the library's own, or `Deno.connect()`; see
 * `CheckerOptions.engine`.
 */
export type Engine = "socket" | "raw" | "connect";

/** Whether the handshake was completed; see {@linkcode CheckResultBase.mode}. */
export type Mode = "half-open" | "full";

/** What all results have. */
export interface CheckResultBase<T extends CheckTarget = CheckTarget> {
  /** The target as it was given: an object is the very same object. */
  target: T;
  /**
   * The address that the status is about; absent when none was probed. With several addresses of which none is up,
   * the one whose failure tells most.
   */
  address?: ProbedAddress;
  /**
   * `"half-open"`: the handshake was never completed, so the application behind the port noticed nothing. `"full"`: the
   * last ACK left, or may have left, so the application may have seen a connection come and go. The causes:
   * `zeroLinger: false` or `engine: "connect"`; half-open checks are not available on this system; or the kernel sent
   * the ACK by itself, because the process had no CPU for nearly 200 ms, or because a second SYN-ACK, data, a FIN or a
   * stray RST came before our RST was sent. For an address that is not up it is the mode that the check would have had.
   */
  mode: Mode;
  /** The engine that made the check. */
  engine: Engine;
  /** Time spent on name resolution, in ms; 0 for an IP address. */
  dnsTime: number;
  /** Time from the start of the check to its outcome, in ms. Time spent in the checker's own queue is not counted. */
  duration: number;
  /**
   * Time spent in the checker's own queues, in ms: for a thread that looks up the name, a socket, a local port, or the
   * `rate`. Absent if it was less than 1 ms. The timeout doesn't count it, a `signal` does.
   */
  queueTime?: number;
}

/** TCP options and windows of the SYN-ACK. */
export interface PeerDetails {
  /** Whether it has TCP timestamps (RFC 7323). */
  timestamps: boolean;
  /** Whether it takes selective acknowledgments (RFC 2018). */
  sack: boolean;
  /** Whether it has explicit congestion notification (RFC 3168). Only if this system asks for it (`net.ipv4.tcp_ecn`). */
  ecn: boolean;
  /** The shift of the windows that it would send from now on (RFC 7323); absent if it scales none. */
  windowScale?: number;
  /** How many bytes it would have taken at once. Absent before Linux 5.4, which doesn't tell. */
  window?: number;
  /** How many bytes a segment to it may carry: what it takes, or the way to it, whichever is less. */
  mss: number;
}

/** The port is open: a SYN-ACK came. */
export interface UpResult<T extends CheckTarget = CheckTarget> extends CheckResultBase<T> {
  /** The outcome. */
  status: "up";
  /** The address that answered. */
  address: ProbedAddress;
  /**
   * The round trip time in ms, from SYN to SYN-ACK: the kernel's own sample, or, if the engine is `"raw"`, from when the SYN
   * was given to the kernel to when it got the answer. When the SYN had to be sent again and the peer has no TCP
   * timestamps there is none; then it is the time since the first SYN. The engine `"connect"` has none either: there it is
   * the time that `Deno.connect()` took.
   */
  rtt: number;
  /** How many SYNs were sent again; 0 if the engine is `"connect"`, which doesn't know. */
  retransmits: number;
  /** What else the SYN-ACK said, if `details` were asked for. The engine `"connect"` doesn't know. */
  peer?: PeerDetails;
}

/** The port is closed: a RST came (`ECONNREFUSED`). */
export interface RefusedResult<T extends CheckTarget = CheckTarget> extends CheckResultBase<T> {
  /** The outcome. */
  status: "refused";
  /** The address that refused. */
  address: ProbedAddress;
  /** The name of the error. */
  code: string;
  /** The number of the error. */
  errno: number;
}

/** Nothing came within the timeout, name resolution included; or to all the SYNs that `synRetries` allows. */
export interface TimeoutResult<T extends CheckTarget = CheckTarget> extends CheckResultBase<T> {
  /** The outcome. */
  status: "timeout";
  /**
   * The step without an answer: the lookup of the name, or the SYN. Time in the checker's own queues does not count; see
   * `queueTime`.
   */
  phase: "resolve" | "connect";
  /**
   * How many SYNs were sent again, as in {@linkcode UpResult}. The second one is sent after 0.9 s, or 1 s if the engine is
   * `"raw"`, in a check that has more than 1 s.
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
   * Whether a SYN left: `false` if this host has no route to the address, `true` if the network answered the SYN with an
   * error (ICMP), or no neighbour took it (ARP, neighbour discovery). Absent if the engine is `"connect"`, which can't tell.
   */
  sent?: boolean;
}

/**
 * The name has no address, or a DNS filter blocks it; or the target, be it an address, has none of the family that was
 * asked for.
 */
export interface UnresolvedResult<T extends CheckTarget = CheckTarget> extends CheckResultBase<T> {
  /** The outcome. */
  status: "unresolved";
  /**
   * getaddrinfo's error: `"EAI_NONAME"`, `"EAI_AGAIN"`, ...; or `"SINKHOLE"`: all addresses of the name are unspecified
   * ones, `0.0.0.0` or `::`, which DNS filters give for names that they block. A connection to them would reach this very
   * host, so none is probed, and where a name has others too only these are. A target that is such an address itself is
   * probed.
   */
  code: string;
}

/** The option `allow` denied the address, or each address of the name: no SYN was sent. */
export interface DeniedResult<T extends CheckTarget = CheckTarget> extends CheckResultBase<T> {
  /** The outcome. */
  status: "denied";
  /** The address that was denied; the first one of a name. */
  address: ProbedAddress;
}

/** Our side failed (`EADDRNOTAVAIL`, `ENOBUFS`, `EPERM`, ...), which says nothing about the target. */
export interface LocalErrorResult<T extends CheckTarget = CheckTarget> extends CheckResultBase<T> {
  /** The outcome. */
  status: "local-error";
  /** The name of the error. */
  code: string;
  /** The number of the error. */
  errno: number;
}

/**
 * The target is malformed, so nothing was checked: only of `checkAll()`, and only if its option `onInvalid` is `"result"`.
 */
export interface InvalidResult<T extends CheckTarget = CheckTarget> extends CheckResultBase<T> {
  /** The outcome. */
  status: "invalid";
  /** What is wrong with the target: what `checkAddr()` would reject with. */
  error: TypeError | RangeError;
}

/**
 * The outcome of a check: a union over `status`.
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
 * A result of `checkAll()`: with `onInvalid: "result"` the target may be malformed.
 *
 * @typeParam T The type of the target.
 * @typeParam OnInvalid The option.
 */
export type CheckAllResult<T extends CheckTarget = CheckTarget, OnInvalid extends "throw" | "result" = "throw"> =
  | CheckResult<T>
  | ("result" extends OnInvalid ? InvalidResult<T> : never);

/** The outcome in one word; see {@linkcode CheckResult}. */
export type Status = CheckResult["status"];
