/** Options, their defaults and their limits. */

import { assertOptions, type Taker } from "./option_names.ts";
import { quote } from "./quote.ts";
import type { CheckResult, Engine, ProbedAddress } from "./result.ts";
import { type PacketOptions, resolvePacketOptions } from "./packet_options.ts";

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

/** The options of one check, with every default filled in. */
export interface ResolvedOptions {
  readonly timeout: number;
  readonly zeroLinger: boolean;
  readonly family: 0 | 4 | 6;
  /** `"lookup"`: the results are the addresses of the name, and no SYN is sent. */
  readonly resolve: (typeof RESOLVE)[number] | "lookup";
  readonly details: boolean;
  readonly allow: ((address: ProbedAddress) => boolean) | undefined;
}

/** The choice of an engine, checked. */
export interface EngineChoice {
  readonly engine: Engine | "auto";
  /** Whether the engine `"connect"` may take its place. */
  readonly fallback: "connect" | "error";
  readonly packets: PacketOptions;
  /** Checks a second, and with the engine `"raw"` SYNs; `undefined` if the user has not said. */
  readonly rate: number | undefined;
}

const RESOLVE = ["any", "first", "all"] as const;
/** SYNs a second of the engine `"raw"`: 7 Mbit/s on an Ethernet. */
export const DEFAULT_SYN_RATE = 10_000;
const DEFAULT_TIMEOUT = 1000;
const ENGINES: readonly EngineChoice["engine"][] = ["socket", "raw", "auto", "connect"];
/** setTimeout's limit too. */
const MAX_TIMEOUT = 2 ** 31 - 1;

/** Options of any `checkAll()`. */
export type AnyCheckAllOptions = CheckAllOptions<"throw" | "result">;

/** What a check does unless it says otherwise. */
export type Defaults = Partial<ResolvedOptions> & Pick<CheckerOptions, "engine">;

/**
 * Converts a bare timeout to an options object.
 *
 * @param options The user's value; a bare number is the timeout in ms.
 * @returns The options, not validated.
 */
export function optionsOf<Options extends CheckOptions | AnyCheckAllOptions>(
  options: Options | number,
): Options | { timeout: number } {
  return typeof options === "number" ? { timeout: options } : options;
}

/**
 * Checks options and fills in the defaults.
 *
 * @param options What the user gave.
 * @param defaults The checker's own options.
 * @param taker What was given the options. A target of `checkAll()` may have several results, so that `resolve: "all"`
 * makes sense.
 * @returns The options to use.
 * @throws {TypeError} If one is of the wrong type, or there is none of that name.
 * @throws {RangeError} If a number is out of range.
 */
export function resolveOptions(
  options: CheckDefaults | AnyCheckAllOptions,
  defaults: Defaults,
  taker: Taker,
): ResolvedOptions {
  assertOptions(options, taker);
  const {
    timeout = defaults.timeout ?? DEFAULT_TIMEOUT,
    zeroLinger = defaults.zeroLinger ?? true,
    family = defaults.family ?? 0,
    resolve = defaults.resolve ?? "any",
    details = defaults.details ?? false,
    allow = defaults.allow,
  } = options;
  if (typeof timeout !== "number") throw new TypeError(`Cannot check: timeout must be a number: ${quote(timeout)}`);
  if (!(timeout > 0 && timeout <= MAX_TIMEOUT)) {
    throw new RangeError(`Cannot check: timeout must be above 0 and at most ${MAX_TIMEOUT} ms, it is ${timeout}`);
  }
  if (typeof zeroLinger !== "boolean") {
    throw new TypeError(`Cannot check: zeroLinger must be a boolean: ${quote(zeroLinger)}`);
  }
  const { engine } = defaults;
  if (!zeroLinger && (engine === "raw" || engine === "auto")) {
    throw new TypeError(
      `Cannot check: zeroLinger: false needs engine "socket", it is "${engine}", which has no handshakes`,
    );
  }
  if (family !== 0 && family !== 4 && family !== 6) {
    throw new RangeError(`Cannot check: family must be 4 or 6, or 0 for both: ${quote(family)}`);
  }
  const several = taker === "checkAll()";
  if (!(RESOLVE as readonly string[]).includes(resolve) || (resolve === "all" && !several)) {
    const choices = several ? `"any", "first" or "all"` : `"any" or "first"`;
    throw new TypeError(`Cannot check: resolve must be ${choices}: ${quote(resolve)}`);
  }
  if (typeof details !== "boolean") throw new TypeError(`Cannot check: details must be a boolean: ${quote(details)}`);
  if (allow !== undefined && typeof allow !== "function") {
    throw new TypeError(`Cannot check: allow must be a function: ${quote(allow)}`);
  }
  return { timeout, zeroLinger, family, resolve, details, allow };
}

/**
 * Checks which engine is wanted.
 *
 * @param options What the user gave.
 * @returns The choice.
 * @throws {TypeError} If there is no such engine or fallback, or an option is malformed or not for that engine.
 * @throws {RangeError} If a number is out of range.
 */
export function resolveEngine(options: CheckerOptions): EngineChoice {
  const { engine = "socket" } = options;
  if (!ENGINES.includes(engine)) {
    throw new TypeError(`Cannot check: engine must be "socket", "raw", "auto" or "connect": ${quote(engine)}`);
  }
  const packets = resolvePacketOptions(options);
  const [lost] = Object.keys(packets);
  if (engine === "connect" && lost !== undefined) {
    throw new TypeError(`Cannot check: ${lost} needs half-open checks: engine "connect" leaves the packets to Deno`);
  }
  return { engine, fallback: resolveFallback(options), packets, rate: resolveRate(options.rate) };
}

function resolveFallback({ engine, fallback }: CheckerOptions): EngineChoice["fallback"] {
  if (fallback !== undefined && fallback !== "connect" && fallback !== "error") {
    throw new TypeError(`Cannot check: fallback must be "connect" or "error": ${quote(fallback)}`);
  }
  if (engine !== "socket" && engine !== "raw") {
    return fallback ?? (Deno.build.os === "linux" ? "error" : "connect");
  }
  if (fallback !== "connect") return "error";
  throw new TypeError(
    `Cannot check: fallback "connect" never replaces an engine that is asked for by name, as "${engine}" is: ` +
      `leave out engine, or use "auto"`,
  );
}

/**
 * Checks the `onInvalid` option and fills in the default.
 *
 * @param onInvalid What the user gave.
 * @returns The choice.
 * @throws {TypeError} If it is none.
 */
export function resolveOnInvalid(onInvalid: AnyCheckAllOptions["onInvalid"] = "throw"): "throw" | "result" {
  if (onInvalid === "throw" || onInvalid === "result") return onInvalid;
  throw new TypeError(`Cannot check: onInvalid must be "throw" or "result": ${quote(onInvalid)}`);
}

/**
 * Checks a `rate` option.
 *
 * @param rate What the user gave.
 * @returns The same.
 * @throws {TypeError} If it is not a number.
 * @throws {RangeError} If it is not above 0.
 */
export function resolveRate(rate: number | undefined): number | undefined {
  if (rate === undefined) return undefined;
  if (typeof rate !== "number") throw new TypeError(`Cannot check: rate must be a number: ${quote(rate)}`);
  if (!(rate > 0)) throw new RangeError(`Cannot check: rate must be above 0, it is ${rate}`);
  return rate;
}

/**
 * Checks a signal.
 *
 * @param signal What the user gave; `null` is as good as nothing, as for `fetch()`.
 * @returns The signal, if there is one.
 * @throws {TypeError} If it is something else.
 */
export function resolveSignal(signal: AbortSignal | null | undefined): AbortSignal | undefined {
  if (signal === undefined || signal === null) return undefined;
  if (signal instanceof AbortSignal) return signal;
  throw new TypeError(`Cannot check: signal must be an AbortSignal: ${quote(signal)}`);
}

/**
 * Checks the `concurrency` option and fills in the default.
 *
 * @param concurrency What the user gave.
 * @param engine How many checks it may have under way, and how many it starts in a second, at most.
 * @param timeout Of each check, in ms.
 * @returns The number to use.
 * @throws {TypeError} If it is not a number.
 * @throws {RangeError} If it is not an integer, or below 1.
 */
export function resolveConcurrency(
  concurrency: number | undefined,
  { window, rate = Infinity }: { readonly window: number; readonly rate?: number },
  timeout: number,
): number {
  if (concurrency === undefined) {
    // If no target answers, all checks started within one timeout are pending at once.
    const started = rate === Infinity ? 0 : Math.ceil(rate * timeout / 1000);
    return Math.min(Math.max(DEFAULT_CONCURRENCY, started), window);
  }
  if (typeof concurrency !== "number") {
    throw new TypeError(`Cannot check: concurrency must be a number: ${quote(concurrency)}`);
  }
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    throw new RangeError(`Cannot check: concurrency must be an integer of 1 or more, it is ${concurrency}`);
  }
  return concurrency;
}

const DEFAULT_CONCURRENCY = 4096;
