/** Checker: public interface and lifecycle of the checking loop. */

import { parseEndpoint } from "./address.ts";
import { checkAll, type StartedLoop } from "./check_all.ts";
import type { Engine } from "./engine.ts";
import { CheckerAlreadyStartedError, CheckerNotRunningError } from "./errors.ts";
import { assertOptions } from "./option_names.ts";
import {
  type CheckAllOptions,
  type CheckerOptions,
  type CheckerStartOptions,
  type CheckOptions,
  type Defaults,
  type EngineChoice,
  optionsOf,
  resolveEngine,
  resolveOptions,
  resolveSignal,
  type WaitOptions,
} from "./options.ts";
import { PendingCheck } from "./pending_check.ts";
import type { CheckAllResult, CheckResult, CheckTarget, Engine as EngineName, InvalidResult } from "./result.ts";
import { startEngine } from "./start_engine.ts";
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
  readonly #choice: EngineChoice;
  #loop: Loop | undefined;
  /** Resolves with the loop once it runs. A stop replaces the promise; a failed loop's promise stays until the next start. */
  #ready = readiness();
  /** The error of the last loop, of its start or its end. */
  #failure: { readonly reason: unknown } | undefined;
  /** How many calls wait for the start of the loop. */
  #waiting = 0;
  #keepsAlive = true;

  /**
   * Starts a checker: makes it, runs its loop, and waits until it can check.
   *
   * Disposing of the checker stops it, and so does the signal. There is no other promise to await: if the engine ends by
   * an error of its own, the pending checks reject with that error, and later ones with a
   * {@linkcode CheckerNotRunningError} whose `cause` it is.
   *
   * @param options What its checks do unless they say otherwise, and a signal.
   * @returns A promise of the checker, which is ready.
   * @throws {TypeError} If an option is of the wrong type or malformed, or not for the engine.
   * @throws {RangeError} If a number is out of range.
   * @throws {Error} If the loop can't be started, as {@linkcode Checker.checkingLoop} does.
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
   * Makes a checker. Nothing is loaded or started yet.
   *
   * @param options What its checks do unless they say otherwise.
   * @throws {TypeError} If an option is of the wrong type or malformed, or not for the engine.
   * @throws {RangeError} If a number is out of range.
   */
  constructor(options: CheckerOptions = {}) {
    assertOptions(options, "a checker");
    const { engine } = this.#choice = resolveEngine(options);
    this.#defaults = { ...resolveOptions(options, { engine }, "a checker"), engine };
  }

  /** Whether the loop runs, so that checks start at once. */
  get isReady(): boolean {
    return this.#engine !== undefined;
  }

  /**
   * What makes the checks: the engine of the loop while it runs, else `undefined`. `"connect"` where it was not asked for
   * means that it takes the place of half-open checks; see {@linkcode CheckerOptions.fallback}.
   */
  get engine(): EngineName | undefined {
    return this.#engine?.name;
  }

  /**
   * Runs the checking loop until the signal aborts. It can be run again afterwards.
   *
   * Aborting rejects all pending checks with the signal's reason, and frees all that the loop had: threads, sockets,
   * memory.
   *
   * An error of the loop rejects its promise, and the checks and {@linkcode Checker.waitReady} that wait for the loop. It
   * is enough to handle one of them: the promise of a loop whose error was delivered elsewhere needs no handler.
   *
   * @param signal Ends the loop. Without one, {@linkcode Checker.[Symbol.asyncDispose]} does.
   * @returns A promise that resolves when the loop has ended; at once if the signal has aborted already.
   * @throws {TypeError} If the signal is none.
   * @throws {CheckerAlreadyStartedError} If the loop runs.
   * @throws {Error} If the native library can't be loaded, and {@linkcode CheckerOptions.fallback} says that it must
   * be; if the system refuses what was asked of the sockets, as an interface that it hasn't; or if the engine ended by
   * an error of its own. Pending checks reject with the same error.
   */
  checkingLoop(signal?: AbortSignal | null): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#runLoop(signal, () => promise.catch(() => {})).then(resolve, reject);
    return promise;
  }

  /** Runs the loop. Calls `onDelivered` before it rejects with an error that others have been given. */
  async #runLoop(signal: AbortSignal | null | undefined, onDelivered: () => void): Promise<void> {
    const given = resolveSignal(signal);
    if (this.#liveLoop !== undefined) throw new CheckerAlreadyStartedError();
    if (given?.aborted) return this.#fail(given.reason);
    if (this.#failure !== undefined) {
      this.#failure = undefined;
      this.#ready = readiness();
    }
    const previous = this.#loop;
    const loop: Loop = { runs: new Set(), ended: Promise.withResolvers() };
    this.#loop = loop;
    const onAbort = () => this.#stop(loop, given!.reason);
    given?.addEventListener("abort", onAbort, { once: true });
    try {
      await previous?.ended.promise;
      await this.#run(loop, onDelivered);
    } finally {
      given?.removeEventListener("abort", onAbort);
      if (this.#loop === loop) this.#loop = undefined;
      loop.ended.resolve();
    }
  }

  /**
   * Waits until the loop runs.
   *
   * @returns A promise that resolves when checks can start. It doesn't start the loop.
   * @throws {Error} The error of a loop that could not be started or that ended by an error of its own, until
   * {@linkcode Checker.checkingLoop} is called again; the signal's reason if the loop was stopped while it started.
   */
  async waitReady(): Promise<void> {
    await this.#untilReady();
  }

  /**
   * Checks one target. Every outcome, "down" too, is a result and not a rejection.
   *
   * @typeParam T The type of the target, which is that of the result's `target`.
   * @param target What to check.
   * @param options How; a bare number is the timeout in ms.
   * @returns The result.
   * @throws {TypeError} If the target or an option is malformed.
   * @throws {RangeError} If the port, the timeout or the family is out of range.
   * @throws {CheckerNotRunningError} If the loop doesn't run. A check waits for one that is being started.
   * @throws {Deno.errors.NotCapable} If the engine is `"connect"`, and Deno was run without `--allow-net` for the name
   * or the address.
   * @throws The reason of the signal, the check's or the loop's, that aborts.
   */
  checkAddr<T extends CheckTarget>(target: T, options: CheckOptions | number = {}): Promise<CheckResult<T>> {
    return new Promise<CheckResult<T>>((resolve, reject) => {
      const given: CheckOptions = optionsOf(options);
      const endpoint = parseEndpoint(target);
      const resolved = resolveOptions(given, this.#defaults, "checkAddr()");
      const signal = resolveSignal(given.signal);
      signal?.throwIfAborted();
      const check = new PendingCheck(target, endpoint, resolved.details, signal, resolve as Settle, reject);
      const engine = this.#engine;
      if (engine !== undefined) return check.start(engine, resolved);
      this.#startedLoop().then(({ engine }) => check.start(engine, resolved), (reason) => check.fail(reason));
    });
  }

  /**
   * Checks many targets, and yields results in the order of completion.
   *
   * Targets are taken from the iterable only as fast as checks end and results are consumed, so it may be of any
   * length. Leaving the loop early cancels what is under way. When a target is malformed, or the iterable throws, those
   * before it are still answered, and then the iteration throws; with `onInvalid: "result"` a malformed target has a result.
   *
   * @typeParam T The type of the targets, which is that of each result's `target`.
   * @typeParam OnInvalid Whether there may be results of malformed targets.
   * @param targets What to check.
   * @param options How; a bare number is the timeout in ms.
   * @returns The results; nothing starts before the first is asked for.
   * @throws As {@linkcode Checker.checkAddr} does, when the first result is asked for or later.
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
  ): AsyncIterableIterator<CheckAllResult<T, OnInvalid>> {
    const results: AsyncIterableIterator<CheckResult | InvalidResult> = checkAll(
      () => this.#startedLoop(),
      targets,
      options,
      this.#defaults,
    );
    // Results have the very targets that were given.
    return results as AsyncIterableIterator<CheckAllResult<T, OnInvalid>>;
  }

  /**
   * Polls one target until it is up, or down.
   *
   * @typeParam T The type of the target, which is that of the result's `target`.
   * @param target What to check.
   * @param options What to wait for, and how.
   * @returns The result of the check that ended the wait.
   * @throws {WaitDeadlineError} If the deadline passes first. Its `result` is that of the last check.
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
  waitUntil<T extends CheckTarget>(target: T, options: WaitOptions = {}): Promise<CheckResult<T>> {
    return waitUntil((given) => this.checkAddr(target, given), target, options);
  }

  /** Lets the running loop keep the process alive, as it does from the start. */
  ref(): void {
    this.#setKeepAlive(true);
  }

  /** Lets the process end although the loop runs, once no check is pending. */
  unref(): void {
    this.#setKeepAlive(false);
  }

  /** Stops the loop, if it runs, and waits for its end. Pending checks reject with an `AbortError`. */
  async [Symbol.asyncDispose](): Promise<void> {
    const loop = this.#loop;
    if (loop === undefined) return;
    this.#stop(loop, new DOMException("The checker was disposed", "AbortError"));
    await loop.ended.promise;
  }

  /** The engine, while the loop runs. */
  get #engine(): Engine | undefined {
    return this.#liveLoop?.engine;
  }

  /** The loop that runs or is being started, and not one that is stopping. */
  get #liveLoop(): Loop | undefined {
    return this.#loop?.stopped === undefined ? this.#loop : undefined;
  }

  /** Waits for the start of the loop. The loop may have been stopped since. */
  async #startedLoop(): Promise<StartedLoop> {
    if (this.#liveLoop !== undefined) return await this.#untilReady();
    throw new CheckerNotRunningError(this.#failure && { cause: this.#failure.reason });
  }

  async #untilReady(): Promise<StartedLoop> {
    this.#waiting++;
    try {
      return await this.#ready.promise;
    } finally {
      this.#waiting--;
    }
  }

  async #run(loop: Loop, onDelivered: () => void): Promise<void> {
    if (loop.stopped) return;
    try {
      const engine = await startEngine(this.#choice);
      engine.keepAlive(this.#keepsAlive);
      // The loop may have been stopped during the start. Then no check uses the engine.
      if (loop.stopped) engine.stop(undefined);
      else this.#ready.resolve(Object.assign(loop, { engine }));
      const failure = await engine.ended;
      if (failure === undefined) return;
      if (failure.delivered) onDelivered();
      throw failure.error;
    } catch (error) {
      if (loop.engine === undefined && this.#waiting > 0) onDelivered();
      this.#onError(loop, error);
      throw error;
    }
  }

  #onError(loop: Loop, error: unknown): void {
    if (loop.stopped) return;
    this.#stop(loop, error);
    if (loop.engine !== undefined) this.#fail(error);
  }

  #stop(loop: Loop, reason: unknown): void {
    if (loop.stopped) return;
    loop.stopped = { reason };
    if (loop.engine === undefined) return this.#fail(reason);
    this.#ready = readiness();
    loop.engine.stop(reason);
    for (const run of loop.runs) run.stop(reason);
  }

  #fail(reason: unknown): void {
    this.#failure = { reason };
    this.#ready.reject(reason);
  }

  #setKeepAlive(enabled: boolean): void {
    this.#keepsAlive = enabled;
    this.#engine?.keepAlive(enabled);
  }
}

/** Resolver of a check's promise, without the type of the target, which engines don't know. */
type Settle = (result: CheckResult) => void;

/** Checking loop, from its start to its end. */
interface Loop extends Omit<StartedLoop, "engine"> {
  engine?: Engine;
  readonly ended: PromiseWithResolvers<void>;
}

/** Makes a promise whose rejection needs no handler. */
function readiness(): PromiseWithResolvers<StartedLoop> {
  const ready = Promise.withResolvers<StartedLoop>();
  ready.promise.catch(() => {});
  return ready;
}
