/** Validation of options, with their defaults and limits. */

import { assertOptions, type OptionsOwner } from "./option_names.ts";
import type { CheckAllOptions, CheckDefaults, CheckerOptions, CheckOptions } from "./options.ts";
import { type PacketOptions, resolvePacketOptions } from "./packet_options.ts";
import { quote } from "./quote.ts";
import type { Engine, ProbedAddress } from "./result.ts";

/** Options of one check, complete and valid. */
export interface ResolvedOptions {
  readonly timeout: number;
  /** In ms; `Infinity` without a limit. */
  readonly queueTimeout: number;
  readonly zeroLinger: boolean;
  readonly family: 0 | 4 | 6;
  /** `"lookup"`: the results are the addresses of the name, and no SYN is sent. */
  readonly resolve: (typeof RESOLVE)[number] | "lookup";
  readonly details: boolean;
  readonly allow: ((address: ProbedAddress) => boolean) | undefined;
}

/** Validated options of the engine. */
export interface EngineChoice {
  readonly engine: Engine | "auto";
  /** Whether the engine `"connect"` may replace the native engine. */
  readonly fallback: "connect" | "error";
  readonly packets: PacketOptions;
  /** Rate limit in checks per second, with the engine `"raw"` also in SYNs per second; `undefined` if absent. */
  readonly rate: number | undefined;
  /** Number of threads of a native engine. */
  readonly threads: number;
}

const RESOLVE = ["any", "first", "all"] as const;
/** Default `rate` of the engine `"raw"` in SYNs per second: 7 Mbit/s on an Ethernet. */
export const DEFAULT_SYN_RATE = 10_000;
/** Default `timeout` in ms. */
const DEFAULT_TIMEOUT = 1000;
/** Default `concurrency` of `checkAll()`, unless `rate` and `timeout` need more. */
const DEFAULT_CONCURRENCY = 4096;
const ENGINES: readonly EngineChoice["engine"][] = ["socket", "raw", "auto", "connect"];
/** Largest `threads`. */
const MAX_THREADS = 64;
/** Longest timeout in ms: the limit of `setTimeout()`. */
const MAX_TIMEOUT = 2 ** 31 - 1;

/** Options of any `checkAll()`. */
export type AnyCheckAllOptions = CheckAllOptions<"throw" | "result">;

/** A checker's defaults for its checks. */
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
 * Validates options, and fills in the defaults.
 *
 * @param options The user's options.
 * @param defaults The checker's own options.
 * @param owner The function that takes the options. Only `checkAll()` permits `resolve: "all"`.
 * @returns The options to use.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If a number is out of range.
 */
export function resolveOptions(
  options: CheckDefaults | AnyCheckAllOptions,
  defaults: Defaults,
  owner: OptionsOwner,
): ResolvedOptions {
  assertOptions(options, owner);
  const {
    timeout = defaults.timeout ?? DEFAULT_TIMEOUT,
    queueTimeout = defaults.queueTimeout ?? Infinity,
    zeroLinger = defaults.zeroLinger ?? true,
    family = defaults.family ?? 0,
    resolve = defaults.resolve ?? "any",
    details = defaults.details ?? false,
    allow = defaults.allow,
  } = options;
  assertTimeout("timeout", timeout);
  if (queueTimeout !== Infinity) assertTimeout("queueTimeout", queueTimeout);
  if (typeof zeroLinger !== "boolean") {
    throw new TypeError(`Cannot check: zeroLinger must be a boolean: ${quote(zeroLinger)}`);
  }
  const { engine } = defaults;
  if (!zeroLinger && (engine === "raw" || engine === "auto")) {
    throw new TypeError(
      `Cannot check: zeroLinger: false needs engine "socket", it is "${engine}"`,
    );
  }
  if (family !== 0 && family !== 4 && family !== 6) {
    throw new RangeError(`Cannot check: family must be 4 or 6, or 0 for both: ${quote(family)}`);
  }
  const several = owner === "checkAll()";
  if (!(RESOLVE as readonly string[]).includes(resolve) || (resolve === "all" && !several)) {
    const choices = several ? `"any", "first" or "all"` : `"any" or "first"`;
    throw new TypeError(`Cannot check: resolve must be ${choices}: ${quote(resolve)}`);
  }
  if (typeof details !== "boolean") throw new TypeError(`Cannot check: details must be a boolean: ${quote(details)}`);
  if (allow !== undefined && typeof allow !== "function") {
    throw new TypeError(`Cannot check: allow must be a function: ${quote(allow)}`);
  }
  return { timeout, queueTimeout, zeroLinger, family, resolve, details, allow };
}

function assertTimeout(name: string, timeout: unknown): void {
  if (typeof timeout !== "number") throw new TypeError(`Cannot check: ${name} must be a number: ${quote(timeout)}`);
  if (!(timeout > 0 && timeout <= MAX_TIMEOUT)) {
    throw new RangeError(`Cannot check: ${name} must be above 0 and at most ${MAX_TIMEOUT} ms, it is ${timeout}`);
  }
}

/**
 * Validates the options of the engine.
 *
 * @param options The user's options.
 * @returns The choice.
 * @throws {TypeError} If the engine or the fallback is unknown, or an option is malformed or does not work with the engine.
 * @throws {RangeError} If a number is out of range.
 */
export function resolveEngine(options: CheckerOptions): EngineChoice {
  const { engine = "socket" } = options;
  if (!ENGINES.includes(engine)) {
    throw new TypeError(`Cannot check: engine must be "socket", "raw", "auto" or "connect": ${quote(engine)}`);
  }
  const packets = resolvePacketOptions(options);
  const [unsupported] = Object.keys(packets);
  if (engine === "connect" && unsupported !== undefined) {
    throw new TypeError(
      `Cannot check: ${unsupported} does not work with engine "connect": remove it, or choose "socket"`,
    );
  }
  return {
    engine,
    fallback: resolveFallback(options),
    packets,
    rate: resolveRate(options.rate),
    threads: resolveThreads(options),
  };
}

function resolveThreads({ engine, threads }: CheckerOptions): number {
  if (threads === undefined) return 1;
  if (threads !== "auto" && typeof threads !== "number") {
    throw new TypeError(`Cannot check: threads must be a number or "auto": ${quote(threads)}`);
  }
  if (threads !== "auto" && !(Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS)) {
    throw new RangeError(`Cannot check: threads must be an integer from 1 to ${MAX_THREADS}, it is ${threads}`);
  }
  if (engine === "connect") {
    throw new TypeError(`Cannot check: threads does not work with engine "connect": remove it, or choose "socket"`);
  }
  return threads === "auto" ? Math.min(Math.max(navigator.hardwareConcurrency - 1, 1), MAX_THREADS) : threads;
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
    `Cannot check: fallback "connect" does not replace engine "${engine}": omit engine, or choose "auto"`,
  );
}

/**
 * Validates the `onInvalid` option, and fills in the default.
 *
 * @param onInvalid The user's value.
 * @returns The choice.
 * @throws {TypeError} If the value is unknown.
 */
export function resolveOnInvalid(onInvalid: AnyCheckAllOptions["onInvalid"] = "throw"): "throw" | "result" {
  if (onInvalid === "throw" || onInvalid === "result") return onInvalid;
  throw new TypeError(`Cannot check: onInvalid must be "throw" or "result": ${quote(onInvalid)}`);
}

/**
 * Validates a `rate` option.
 *
 * @param rate The user's value.
 * @returns The rate.
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
 * Validates a `signal` option.
 *
 * @param signal The user's value; `null` is no signal, as for `fetch()`.
 * @returns The signal, if any.
 * @throws {TypeError} If it is not an `AbortSignal`.
 */
export function resolveSignal(signal: AbortSignal | null | undefined): AbortSignal | undefined {
  if (signal === undefined || signal === null) return undefined;
  if (signal instanceof AbortSignal) return signal;
  throw new TypeError(`Cannot check: signal must be an AbortSignal: ${quote(signal)}`);
}

/**
 * Validates the `concurrency` option, and fills in the default.
 *
 * @param concurrency The user's value.
 * @param engine The engine's limits: checks in flight, and checks per second.
 * @param timeout Timeout of a check, in ms.
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
