/** Options of checkers and checks, as users give them. resolved_options.ts has the defaults and limits. */

import type { PacketOptions } from "./packet_options.ts";
import type { CheckResult, Engine, ProbedAddress } from "./result.ts";

/** Options of a check for which a checker may have defaults. */
export interface CheckDefaults {
  /**
   * Time allowed in ms, for name resolution and all attempts together: above 0, at most 2^31 - 1. Time that the check
   * spends in the checker's own queue doesn't count; for a bound that includes it give `signal: AbortSignal.timeout(ms)`.
   *
   * @default {1000}
   */
  timeout?: number;
  /**
   * Whether to end the handshake with a RST in place of the last ACK. `false` completes it and closes with a FIN: the
   * application sees a connection come and go, and the result's mode is `"full"`. It changes nothing with the engine
   * `"connect"`, whose checks are all like that, and is an error with `"raw"` or `"auto"`.
   *
   * @default {true}
   */
  zeroLinger?: boolean;
  /**
   * The only address family to use; 0 for both, in the system's order (RFC 6724).
   *
   * @default {0}
   */
  family?: 0 | 4 | 6;
  /**
   * Which addresses of a name are probed. `"any"`: in order, until one is up; the next one at once when one fails, and
   * after silence of 250 ms or, if that is less, of an equal share of the time left, so that each address gets its SYN
   * with time left to answer. Shares are at least 10 ms (RFC 8305). `"first"`: the first one only.
   *
   * @default {"any"}
   */
  resolve?: "any" | "first";
  /**
   * Whether a result that is up includes `peer`: the TCP options of the SYN-ACK.
   *
   * @default {false}
   */
  details?: boolean;
  /**
   * Is asked about each address, after the lookup and before a SYN, and returns whether it may be checked. An address that
   * is denied gets no SYN: other addresses of the name are tried in its place, and the status is `"denied"` if there are
   * none. Use it where strangers name the targets, or a name server could lead checks into your own network (DNS
   * rebinding): a name is looked up once, and the addresses that are asked about are those that are probed.
   *
   * It is called synchronously and must return a boolean. IPv4 addresses that are mapped to IPv6 come as IPv4 addresses.
   * Names with `0.0.0.0` or `::` are never checked, but as addresses of their own they are this host: deny them too.
   *
   * @default {all addresses are allowed}
   */
  allow?: (address: ProbedAddress) => boolean;
}

/**
 * Options of a checker: how it checks, and what its checks do unless they say otherwise.
 *
 * An option of another name is a `TypeError`, as it is for checks.
 */
export interface CheckerOptions extends PacketOptions, CheckDefaults {
  /**
   * How checks are done.
   *
   * - `"socket"`: half-open, on the kernel's own sockets, by the native library.
   * - `"raw"`: half-open, by packets of the library's own, which needs CAP_NET_RAW and no socket a check: a million at
   *   once, and no application is bothered even if this process is killed on the way.
   * - `"auto"`: `"raw"` where the system gives all that it needs, that capability above all, and `"socket"` elsewhere.
   * - `"connect"`: by `Deno.connect()`, which needs `--allow-net` in place of `--allow-ffi` and works on every system: a
   *   full connection, closed with a FIN, which the application sees come and go. The mode of its results is `"full"`.
   *
   * @default {"socket"}
   */
  engine?: Engine | "auto";
  /**
   * What a checker without an `engine` by name, or with `"auto"`, does where the native library can't be loaded: on other
   * systems than Linux, or without `--allow-ffi`. `"error"`: the loop doesn't start, and its error tells why. `"connect"`:
   * full connects take the place of half-open checks, and each result tells by its `engine` and `mode`.
   *
   * An engine that is asked for by name is never replaced: `"connect"` is an error beside `"socket"` and `"raw"`.
   *
   * @default {"error" on Linux, "connect" elsewhere}
   */
  fallback?: "connect" | "error";
  /**
   * How many checks are started in a second, at most: above 0. The others wait, at no cost of their time. With the engine
   * `"raw"` it is also how many SYNs are sent to other hosts in a second, and those that are sent again count: networks
   * and hosts on the way have limits of their own, see `docs/raw.md` before you raise it. `Infinity` is no limit.
   *
   * @default {Infinity; 10_000 SYNs with the engine `"raw"`}
   */
  rate?: number;
  /**
   * Threads of the native engine, from 1 to 64; `"auto"` is the number of cores less one, but at least 1. Checks of
   * addresses are spread over them, checks of names are made by the first. All limits hold for their sum: sockets,
   * lookups, `rate`. More than one helps where the engine is what limits the checks per second: many a second, and cores
   * to spare. See `docs/guide.md`.
   *
   * The engine `"connect"` has no threads: where it takes the place of half-open checks the option is ignored, and beside
   * `engine: "connect"` it is an error.
   *
   * @default {1}
   */
  threads?: number | "auto";
}

/** Options of `Checker.start()`. */
export interface CheckerStartOptions extends CheckerOptions {
  /** Stops the checker: pending checks reject with the signal's reason. `null` is none, as for `fetch()`. */
  signal?: AbortSignal | null;
}

/** Options of one check. The defaults are the checker's, if it has some. */
export interface CheckOptions extends CheckDefaults {
  /** Ends the check: its promise rejects with the signal's reason. `null` is none, as for `fetch()`. */
  signal?: AbortSignal | null;
}

/** Options of `waitUntil()`: those of its checks, and of the wait. */
export interface WaitOptions extends CheckOptions {
  /**
   * What to wait for. `"up"`: a SYN-ACK. `"down"`: a RST, silence, an error of the network, or a name without addresses.
   * A local error is neither, and nor is a name server that does not answer.
   *
   * @default {"up"}
   */
  state?: "up" | "down";
  /**
   * Time allowed in ms, from 0 to 2^31 - 1, or `Infinity`. It cancels the check that is under way.
   *
   * @default {60_000}
   */
  deadline?: number;
  /**
   * From the end of a check to the start of the next one, in ms.
   *
   * @default {250}
   */
  interval?: number;
  /**
   * For how long the target must have been in that state, in ms: from the first check that found it so, to the last. Use it
   * where services start, fail and start again.
   *
   * @default {0}
   */
  stableFor?: number;
  /** Is called with the result of each check, the last one included. */
  onResult?: (result: CheckResult) => void;
}

/**
 * Options of `checkAll()`.
 *
 * @typeParam OnInvalid Whether there may be results of malformed targets.
 */
export interface CheckAllOptions<OnInvalid extends "throw" | "result" = "throw"> extends Omit<CheckOptions, "resolve"> {
  /**
   * As for one check; and `"all"`: all addresses of a name concurrently, with one result per address.
   *
   * @default {"any"}
   */
  resolve?: "any" | "first" | "all";
  /**
   * How many checks are under way at once: 1 or more.
   *
   * @default {4096, or the number of sockets that the limit on open files leaves, if that is less. With the engine `"raw"`
   * or a `rate` as many as that rate starts within the `timeout`, if that is more, up to 1,048,576 if it is `"raw"`}
   */
  concurrency?: number;
  /**
   * How many checks are started in a second, at most: above 0. Targets are taken from the iterable at that rate. The
   * checker's own rate holds as well, for the sum of its checks.
   *
   * @default {Infinity}
   */
  rate?: number;
  /**
   * What a malformed target does. `"throw"`: the iteration throws, once the targets before it are answered. `"result"`: it
   * has a result of its own, with the status `"invalid"` and the error, and the others go on.
   *
   * @default {"throw"}
   */
  onInvalid?: OnInvalid;
}
