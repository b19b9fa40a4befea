/** Prepared check: one target, parsed once and checked any number of times. */

import type { Endpoint } from "../address.ts";
import type { CheckingLoop } from "./checking_loop.ts";
import type { Engine, Pending } from "../engine.ts";
import type { ResolvedOptions } from "../resolved_options.ts";
import type { CheckResult, CheckTarget } from "../result.ts";

/** Receiver of the outcome of a run. Each run calls exactly one of the methods, once. They must not throw. */
export interface CheckReceiver<T extends CheckTarget = CheckTarget> {
  /** Receives the result. */
  settle(result: CheckResult<T>): void;
  /** Receives the error or the reason of the cancellation. */
  fail(reason: unknown): void;
}

/**
 * Repeatable check of one target. The target and the options are validated once, so a run takes less CPU time than
 * `checkAddr()`. At most one run is in flight at a time.
 *
 * @typeParam T The type of the target, and of the results' `target`.
 */
export interface PreparedCheck<T extends CheckTarget = CheckTarget> {
  /**
   * Makes the check.
   *
   * @returns The result, as from `checkAddr()`.
   * @throws {Error} If a run is in flight.
   * @throws {CheckerNotRunningError} If no loop runs. While a loop starts, the run waits for it.
   * @throws The reason of {@linkcode PreparedCheck.cancel} or of the loop's signal.
   */
  run(): Promise<CheckResult<T>>;
  /**
   * Makes the check without a promise. With thousands of checks per second the promises take as much CPU time as the other
   * JavaScript of the checks.
   *
   * @param receiver Receives the result, or the reason that the promise of `run()` would reject with.
   * @throws {Error} If a run is in flight.
   */
  start(receiver: CheckReceiver<T>): void;
  /**
   * Cancels the current run, if any: its promise rejects, or the receiver's `fail()` is called. No further SYN is sent. The
   * next run can start immediately.
   *
   * @param reason The reason that the run fails with; an `AbortError` by default.
   */
  cancel(reason?: unknown): void;
}

/**
 * Prepared check. The same object is its endpoint and the pending check of each run, because a monitor has thousands of
 * checks, and each further object would add a cache miss per run.
 */
export class RepeatableCheck implements Pending, PreparedCheck, Endpoint {
  readonly host: string;
  readonly port: number;
  readonly family: Endpoint["family"];
  readonly target: CheckTarget;
  id = 0;
  readonly #loop: CheckingLoop;
  readonly #options: ResolvedOptions;
  /** The receiver of the current run. */
  #receiver: CheckReceiver | undefined;
  /** The engine of the current run; absent while its loop starts. */
  #engine: Engine | undefined;

  constructor(
    target: CheckTarget,
    { host, port, family }: Endpoint,
    loop: CheckingLoop,
    options: ResolvedOptions,
  ) {
    this.host = host;
    this.port = port;
    this.family = family;
    this.target = target;
    this.#loop = loop;
    this.#options = options;
  }

  get endpoint(): Endpoint {
    return this;
  }

  get details(): boolean {
    return this.#options.details;
  }

  run(): Promise<CheckResult> {
    return new Promise((settle, fail) => this.start({ settle, fail }));
  }

  start(receiver: CheckReceiver): void {
    if (this.#receiver !== undefined) {
      throw new Error("Cannot run the check: a run is in flight, await it or cancel it");
    }
    this.#receiver = receiver;
    const { engine } = this.#loop;
    if (engine !== undefined) return this.#submit(engine);
    // If this run is cancelled before the loop has started, another run may be in flight.
    const isWaiting = () => this.#receiver === receiver && this.#engine === undefined;
    this.#loop.started().then(
      ({ engine }) => isWaiting() && this.#submit(engine),
      (reason) => isWaiting() && this.fail(reason),
    );
  }

  cancel(reason: unknown = new DOMException("The check was cancelled", "AbortError")): void {
    if (this.#receiver === undefined) return;
    this.#engine?.cancel(this);
    this.fail(reason);
  }

  settle(result: CheckResult): void {
    this.#end().settle(result);
  }

  fail(reason: unknown): void {
    this.#end().fail(reason);
  }

  #submit(engine: Engine): void {
    this.#engine = engine;
    engine.submit(this, this.#options);
  }

  /** Ends the run. Its receiver may then start the next one. */
  #end(): CheckReceiver {
    const receiver = this.#receiver!;
    this.#receiver = this.#engine = undefined;
    return receiver;
  }
}
