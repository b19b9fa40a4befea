/** Options of checkers and checks, as users give them. resolved_options.ts has the defaults and limits. */

import type { PacketOptions } from "./packet_options.ts";
import type { CheckResult, Engine, ProbedAddress } from "./result.ts";

/** Options of a check that a checker can set for all its checks. */
export interface CheckDefaults {
  /**
   * Timeout in ms, for name resolution and all attempts together: above 0, at most 2^31 - 1, else a `RangeError`. Time in
   * the checker's own queues does not count; {@linkcode CheckDefaults.queueTimeout} limits it.
   *
   * @default {1000}
   */
  timeout?: number;
  /**
   * Limit of the total time in the checker's own queues in ms: above 0, at most 2^31 - 1, or `Infinity`, else a
   * `RangeError`. A check waits for a thread that looks up the name, a socket, a local port, and the `rate`. A check that has
   * waited longer ends with the status `"timeout"` and the phase `"queue"`, without a further SYN. So every check ends
   * within `queueTimeout + timeout`.
   *
   * @default {Infinity}
   */
  queueTimeout?: number;
  /**
   * Whether a RST is sent instead of the last ACK of the handshake. `false` completes the handshake and closes the
   * connection with a FIN: the application sees the connection, and the result's mode is `"full"`. The engine `"connect"`
   * always does so. With the engines `"raw"` and `"auto"`, `false` is a `TypeError`.
   *
   * @default {true}
   */
  zeroLinger?: boolean;
  /**
   * Address family: 4 for IPv4, 6 for IPv6, 0 for both in the system's order (RFC 6724). Any other value is a
   * `RangeError`. An address of the other family is `"unresolved"`.
   *
   * @default {0}
   */
  family?: 0 | 4 | 6;
  /**
   * Which addresses of a name are probed.
   *
   * - `"any"`: one after another, until one is up (Happy Eyeballs, RFC 8305). The next address is tried when one fails, or
   *   after 250 ms without an answer. If the remaining time is short, the delay is an equal share of it, at least 10 ms, so
   *   that each address has time to answer.
   * - `"first"`: only the first address.
   *
   * @default {"any"}
   */
  resolve?: "any" | "first";
  /**
   * Whether the result of an open port includes `peer`, the TCP options of the SYN-ACK.
   *
   * @default {false}
   */
  details?: boolean;
  /**
   * Address filter, called after the lookup and before the SYN: returns whether the address may be probed. A denied address
   * gets no SYN. Other addresses of the name are tried; if all are denied, the status is `"denied"`.
   *
   * The filter restricts targets from untrusted sources, and names that a hostile name server resolves to addresses of your
   * own network (DNS rebinding). A name is looked up once, so only addresses that the filter has approved are probed.
   *
   * The function is synchronous: a return value that is not a boolean rejects the check with a `TypeError`. An IPv4-mapped
   * IPv6 address is passed as an IPv4 address. Deny `0.0.0.0` and `::` too, because as targets they reach this host.
   * (As addresses of a name they are never probed.)
   *
   * @default {every address is allowed}
   */
  allow?: (address: ProbedAddress) => boolean;
}

/**
 * Options of a checker: its engine, its packets, and the defaults of its checks.
 *
 * An unknown option is a `TypeError`, here and for checks.
 */
export interface CheckerOptions extends PacketOptions, CheckDefaults {
  /**
   * Engine that makes the checks.
   *
   * - `"socket"`: half-open checks by sockets of the kernel. Needs Linux and `--allow-ffi`.
   * - `"raw"`: half-open checks by raw sockets. Needs CAP_NET_RAW too. It needs no socket per check, so a million checks can
   *   be in flight, and it sends no ACK even if this process is stopped or killed.
   * - `"auto"`: `"raw"` where the system permits it, else `"socket"`.
   * - `"connect"`: full connects by `Deno.connect()`, closed with a FIN, which the application sees. The mode is `"full"`.
   *   Needs `--allow-net` instead of `--allow-ffi`, on any system.
   *
   * @default {"socket"}
   */
  engine?: Engine | "auto";
  /**
   * Fallback where the native library can't be loaded: on systems other than Linux, or without `--allow-ffi`.
   *
   * - `"error"`: the loop does not start, and its error states the cause.
   * - `"connect"`: the engine `"connect"` replaces the native one; `engine` and `mode` of each result show it.
   *
   * The fallback applies if `engine` is absent or `"auto"`. An explicit engine is never replaced, so `fallback: "connect"`
   * with `engine: "socket"` or `"raw"` is a `TypeError`.
   *
   * @default {"error" on Linux, "connect" elsewhere}
   */
  fallback?: "connect" | "error";
  /**
   * Rate limit in checks per second, above 0, else a `RangeError`; `Infinity` is no limit. Checks wait in a queue, and the
   * wait does not count against their timeout. With the engine `"raw"` it also limits the SYNs per second to other hosts,
   * retransmissions included, because many SYNs fill connection-tracking tables on the path; see `docs/raw.md`.
   *
   * @default {Infinity; 10_000 SYNs with the engine `"raw"`}
   */
  rate?: number;
  /**
   * Number of threads of the native engine, from 1 to 64; `"auto"` is the number of cores less one, but at least 1. Checks
   * of addresses are spread over the threads; the first thread makes the checks of names. The threads share the limits on
   * sockets, lookups and the `rate`. More threads raise the checks per second if one thread is the bottleneck and cores are
   * idle; see `docs/guide.md`.
   *
   * The engine `"connect"` has no threads: as a fallback it ignores the option, and with `engine: "connect"` the option is a
   * `TypeError`.
   *
   * @default {1}
   */
  threads?: number | "auto";
}

/** Options of `Checker.start()`. */
export interface CheckerStartOptions extends CheckerOptions {
  /** Abort signal that stops the checker. Pending checks reject with its reason. `null` is no signal, as for `fetch()`. */
  signal?: AbortSignal | null;
}

/** Options of one check. Absent options have the checker's values. */
export interface CheckOptions extends CheckDefaults {
  /** Abort signal that cancels the check, which rejects with its reason. `null` is no signal, as for `fetch()`. */
  signal?: AbortSignal | null;
}

/** Options of `waitUntil()` and of its checks. */
export interface WaitOptions extends CheckOptions {
  /**
   * State to wait for. `"up"`: a SYN-ACK. `"down"`: a RST, a timeout, an unreachable network, or a name without addresses.
   * A local error, a denied address, a silent name server and a timeout in the checker's own queues are neither.
   *
   * @default {"up"}
   */
  state?: "up" | "down";
  /**
   * Maximum time of the wait in ms, from 0 to 2^31 - 1, or `Infinity`, else a `RangeError`. Its end cancels the pending
   * check.
   *
   * @default {60_000}
   */
  deadline?: number;
  /**
   * Interval from the end of a check to the start of the next one, in ms.
   *
   * @default {250}
   */
  interval?: number;
  /**
   * Time that the target must stay in the state, in ms, from the first check with that state to the last. A service that
   * starts and fails at once is then not taken for up.
   *
   * @default {0}
   */
  stableFor?: number;
  /** Callback that receives the result of each check, the last one included. */
  onResult?: (result: CheckResult) => void;
}

/**
 * Options of `checkAll()`.
 *
 * @typeParam OnInvalid Whether malformed targets have results.
 */
export interface CheckAllOptions<OnInvalid extends "throw" | "result" = "throw"> extends Omit<CheckOptions, "resolve"> {
  /**
   * Which addresses of a name are probed: as for one check, or `"all"`: all at once, with one result per address.
   *
   * @default {"any"}
   */
  resolve?: "any" | "first" | "all";
  /**
   * Maximum number of checks in flight: an integer of 1 or more, else a `RangeError`.
   *
   * @default {4096, or the number of checks that `rate` starts within one `timeout` if that is more, but at most what the
   * engine can have in flight: the sockets that the limit on open files permits, or 1,048,576 with the engine `"raw"`}
   */
  concurrency?: number;
  /**
   * Rate limit in checks per second, above 0, else a `RangeError`. Targets are taken from the iterable at that rate. The
   * checker's own `rate` limits all its checks together.
   *
   * @default {Infinity}
   */
  rate?: number;
  /**
   * Handling of malformed targets. `"throw"`: the iteration throws after the results of the earlier targets. `"result"`:
   * the target has a result with the status `"invalid"` and the error, and the iteration continues.
   *
   * @default {"throw"}
   */
  onInvalid?: OnInvalid;
}
