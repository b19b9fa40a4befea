/** Checker: the public interface. checking_loop.ts has the lifecycle of its loop. */

import { parseEndpoint } from "../address.ts";
import { checkAll } from "./check_all.ts";
import { CheckingLoop } from "./checking_loop.ts";
import { assertOptions } from "../option_names.ts";
import type {
  CheckAllOptions,
  CheckDefaults,
  CheckerOptions,
  CheckerStartOptions,
  CheckOptions,
  WaitOptions,
} from "../options.ts";
import { type Defaults, optionsOf, resolveEngine, resolveOptions, resolveSignal } from "../resolved_options.ts";
import { PendingCheck } from "./pending_check.ts";
import { type PreparedCheck, RepeatableCheck } from "./prepared_check.ts";
import type {
  CheckAllResult,
  CheckResult,
  CheckTarget,
  Engine as EngineName,
  InvalidResult,
  ResultTarget,
} from "../result.ts";
import { waitUntil } from "./wait_until.ts";

/**
 * Checks whether TCP ports are open, without completing the handshake.
 *
 * {@linkcode Checker.start} returns a running checker. One checker serves any number of concurrent checks.
 *
 * @example
 * ```ts
 * import { Checker } from "@tcp-shaker/tcp-shaker";
 *
 * using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * await using checker = await Checker.start();
 *
 * const result = await checker.checkAddr(`127.0.0.1:${listener.addr.port}`, { timeout: 500 });
 * if (result.status === "up") console.log("it answered in", result.rtt, "ms");
 * ```
 */
export class Checker implements AsyncDisposable {
  readonly #defaults: Defaults;
  readonly #loop: CheckingLoop;

  /**
   * Starts a checker: constructs it, runs its loop, and waits until it is ready.
   *
   * Disposal or the signal stops the checker. No other promise needs to be awaited: if the engine fails, pending checks
   * reject with the engine's error, and later checks with a {@linkcode CheckerNotRunningError} whose `cause` is that error.
   *
   * @param options Options of the checker, defaults of its checks, and a signal.
   * @returns The running checker.
   * @throws {TypeError} If an option has the wrong type, is malformed, or does not work with the engine.
   * @throws {RangeError} If a number is out of range.
   * @throws {Error} If the loop can't be started; see {@linkcode Checker.checkingLoop}.
   * @throws The signal's reason, if it aborts before the checker is ready.
   *
   * @example
   * ```ts
   * import { Checker } from "@tcp-shaker/tcp-shaker";
   *
   * await using checker = await Checker.start({ zeroLinger: true });
   * const { status } = await checker.checkAddr("127.0.0.1:1", { timeout: 500 });
   * console.log(status); // "refused", most likely
   * ```
   */
  static async start(options: CheckerStartOptions = {}): Promise<Checker> {
    assertOptions(options, "Checker.start()");
    const { signal, ...own } = options;
    const checker = new Checker(own);
    const given = resolveSignal(signal);
    given?.throwIfAborted();
    checker.checkingLoop(given).catch(() => {});
    await checker.waitReady();
    return checker;
  }

  /**
   * Constructs a checker. {@linkcode Checker.checkingLoop} loads the library and starts the engine.
   *
   * @param options Options of the checker, and defaults of its checks.
   * @throws {TypeError} If an option has the wrong type, is malformed, or does not work with the engine.
   * @throws {RangeError} If a number is out of range.
   */
  constructor(options: CheckerOptions = {}) {
    assertOptions(options, "a checker");
    const choice = resolveEngine(options);
    const { engine } = choice;
    this.#defaults = { ...resolveOptions(options, { engine }, "a checker"), engine };
    this.#loop = new CheckingLoop(choice);
  }

  /** Whether the loop runs, so that checks start without a wait. */
  get isReady(): boolean {
    return this.#loop.engine !== undefined;
  }

  /**
   * Engine of the running loop; `undefined` while no loop runs. With {@linkcode CheckerOptions.fallback} it may be
   * `"connect"`.
   */
  get engine(): EngineName | undefined {
    return this.#loop.engine?.name;
  }

  /**
   * Runs the checking loop until the signal aborts. The loop can be run again afterwards.
   *
   * The abort rejects all pending checks with the signal's reason, and frees the loop's threads, sockets and memory.
   *
   * An error of the loop rejects the returned promise, the pending checks, and {@linkcode Checker.waitReady}. One handler is
   * enough: the returned promise needs none if a check or `waitReady()` rejected with the error.
   *
   * @param signal Abort signal that ends the loop. {@linkcode Checker.[Symbol.asyncDispose]} ends it too.
   * @returns A promise that resolves when the loop has ended; immediately if the signal is already aborted.
   * @throws {TypeError} If the signal is not an `AbortSignal`.
   * @throws {CheckerAlreadyStartedError} If the loop runs.
   * @throws {Error} If the native library can't be loaded and there is no {@linkcode CheckerOptions.fallback}; if the
   * system rejects an option, such as an unknown interface; or if the engine fails. Pending checks reject with the same
   * error.
   */
  checkingLoop(signal?: AbortSignal | null): Promise<void> {
    return this.#loop.run(signal);
  }

  /**
   * Waits until the loop runs. Does not start the loop.
   *
   * @returns A promise that resolves when checks can start.
   * @throws {Error} The error of the last loop if it failed, until {@linkcode Checker.checkingLoop} is called again; the
   * signal's reason if the loop was stopped during its start.
   */
  async waitReady(): Promise<void> {
    await this.#loop.ready();
  }

  /**
   * Checks one target. The promise resolves for every status: a port that is down is not an error.
   *
   * @typeParam T The type of the target; see {@linkcode ResultTarget}.
   * @param target The target.
   * @param options Options of the check; a number is the timeout in ms.
   * @returns The result.
   * @throws {TypeError} If the target or an option is malformed.
   * @throws {RangeError} If the port, the timeout or the family is out of range.
   * @throws {CheckerNotRunningError} If no loop runs. While a loop starts, the check waits for it.
   * @throws {Deno.errors.NotCapable} If the engine is `"connect"` and `--allow-net` does not permit the name or the
   * address.
   * @throws The reason of the check's or the loop's signal, if it aborts.
   */
  checkAddr<T extends CheckTarget>(
    target: T,
    options: CheckOptions | number = {},
  ): Promise<CheckResult<ResultTarget<T>>> {
    return new Promise<CheckResult<ResultTarget<T>>>((resolve, reject) => {
      const given: CheckOptions = optionsOf(options);
      const endpoint = parseEndpoint(target);
      const resolved = resolveOptions(given, this.#defaults, "checkAddr()");
      const signal = resolveSignal(given.signal);
      signal?.throwIfAborted();
      const check = new PendingCheck(target, endpoint, resolved.details, signal, resolve as Settle, reject);
      const { engine } = this.#loop;
      if (engine !== undefined) return check.start(engine, resolved);
      this.#loop.started().then(({ engine }) => check.start(engine, resolved), (reason) => check.fail(reason));
    });
  }

  /**
   * Prepares the repeated check of one target: parses the target and validates the options once.
   *
   * @typeParam T The type of the target; see {@linkcode ResultTarget}.
   * @param target The target.
   * @param options Options of the checks; a number is the timeout in ms.
   * @returns The check, which can be run while the loop runs, also after a restart.
   * @throws {TypeError} If the target or an option is malformed.
   * @throws {RangeError} If the port, the timeout or the family is out of range.
   *
   * @example
   * ```ts
   * import { Checker } from "@tcp-shaker/tcp-shaker";
   *
   * await using checker = await Checker.start();
   * const check = checker.prepare("127.0.0.1:1", { timeout: 500 });
   * for (let i = 0; i < 3; i++) console.log((await check.run()).status);
   * ```
   */
  prepare<T extends CheckTarget>(target: T, options: CheckDefaults | number = {}): PreparedCheck<ResultTarget<T>> {
    const resolved = resolveOptions(optionsOf(options), this.#defaults, "prepare()");
    const check: PreparedCheck = new RepeatableCheck(target, parseEndpoint(target), this.#loop, resolved);
    // A result's target is the given one.
    return check as PreparedCheck<ResultTarget<T>>;
  }

  /**
   * Checks many targets, and yields results in the order of completion.
   *
   * Back-pressure: targets are taken from the iterable only as fast as checks end and results are consumed, so the iterable
   * may have any length. A `break` cancels the pending checks. If a target is malformed or the iterable throws, the
   * iteration throws after the results of the earlier targets; see {@linkcode CheckAllOptions.onInvalid}.
   *
   * @typeParam T The type of the targets; see {@linkcode ResultTarget}.
   * @typeParam OnInvalid Whether malformed targets have results.
   * @param targets The targets.
   * @param options Options of the checks; a number is the timeout in ms.
   * @returns The results. The first call of `next()` starts the checks.
   * @throws As {@linkcode Checker.checkAddr} does, but from `next()`.
   *
   * @example
   * ```ts
   * import { Checker } from "@tcp-shaker/tcp-shaker";
   *
   * await using checker = await Checker.start();
   * const targets = ["127.0.0.1:1", "127.0.0.1:2", "[::1]:3"];
   * for await (const { target, status } of checker.checkAll(targets, { timeout: 500 })) {
   *   console.log(target, status);
   * }
   * ```
   */
  checkAll<T extends CheckTarget, OnInvalid extends "throw" | "result" = "throw">(
    targets: Iterable<T> | AsyncIterable<T>,
    options: CheckAllOptions<OnInvalid> | number = {},
  ): AsyncIterableIterator<CheckAllResult<ResultTarget<T>, OnInvalid>> {
    const results: AsyncIterableIterator<CheckResult | InvalidResult> = checkAll(
      () => this.#loop.started(),
      targets,
      options,
      this.#defaults,
    );
    // A result's target is the given one.
    return results as AsyncIterableIterator<CheckAllResult<ResultTarget<T>, OnInvalid>>;
  }

  /**
   * Polls one target until it is up, or down.
   *
   * @typeParam T The type of the target; see {@linkcode ResultTarget}.
   * @param target The target.
   * @param options Options of the wait and of its checks.
   * @returns The result of the check that ended the wait.
   * @throws {WaitDeadlineError} If the deadline passes first. Its `result` is the last check's.
   * @throws As {@linkcode Checker.checkAddr} does.
   *
   * @example
   * ```ts
   * import { Checker } from "@tcp-shaker/tcp-shaker";
   *
   * await using checker = await Checker.start();
   * const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response());
   * await checker.waitUntil(server.addr, { deadline: 5000 });
   * await server.shutdown();
   * await checker.waitUntil(server.addr, { state: "down", deadline: 5000, stableFor: 100 });
   * ```
   */
  waitUntil<T extends CheckTarget>(target: T, options: WaitOptions = {}): Promise<CheckResult<ResultTarget<T>>> {
    return waitUntil((given) => this.checkAddr(target, given), target, options);
  }

  /** Keeps the process alive while the loop runs; the default. */
  ref(): void {
    this.#loop.keepAlive(true);
  }

  /** Lets the process end while the loop runs, if no check is pending. */
  unref(): void {
    this.#loop.keepAlive(false);
  }

  /** Stops the loop, if it runs, and waits for its end. Pending checks reject with an `AbortError`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#loop.stop(new DOMException("The checker was disposed", "AbortError"));
  }
}

/** Resolver of a check's promise. It lacks the type of the target, because engines don't know it. */
type Settle = (result: CheckResult) => void;
