/** Prepared check: one target, parsed once and checked any number of times. */

import type { Endpoint } from "./address.ts";
import type { CheckingLoop } from "./checking_loop.ts";
import type { Engine, Pending } from "./engine.ts";
import type { ResolvedOptions } from "./resolved_options.ts";
import type { CheckResult, CheckTarget } from "./result.ts";

/** Receiver of the end of a run. Its methods are called once per run, one of them, and must not throw. */
export interface CheckReceiver<T extends CheckTarget = CheckTarget> {
  /** Takes the result. */
  settle(result: CheckResult<T>): void;
  /** Takes the reason why there is no result. */
  fail(reason: unknown): void;
}

/**
 * Repeatable check of one target, as a prepared statement of a database is a repeatable query. The target and the options
 * are validated once, so a run costs less CPU time than `checkAddr()`. At most one run is in flight at a time.
 *
 * @typeParam T The type of the target, and of the results' `target`.
 */
export interface PreparedCheck<T extends CheckTarget = CheckTarget> {
  /**
   * Makes the check.
   *
   * @returns The result, as of `checkAddr()`.
   * @throws {Error} If a run is in flight.
   * @throws {CheckerNotRunningError} If no loop runs. A run waits for a loop that is being started.
   * @throws The reason of {@linkcode PreparedCheck.cancel} or of the loop's signal.
   */
  run(): Promise<CheckResult<T>>;
  /**
   * Makes the check without a promise, which costs thousands of checks a second as much as the rest of their JavaScript.
   *
   * @param receiver What takes the result, or else the reason that the promise of `run()` would reject with.
   * @throws {Error} If a run is in flight.
   */
  start(receiver: CheckReceiver<T>): void;
  /**
   * Cancels the current run, if any: its promise rejects, or its receiver fails at once. No further SYN is sent. The
   * check can be run again at once.
   *
   * @param reason The reason that it fails with; an `AbortError` by default.
   */
  cancel(reason?: unknown): void;
}

/**
 * Prepared check. It is at the same time its endpoint, and the pending check of each run: a monitor has one per target,
 * and each further object would be one more cache miss per run.
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
      throw new Error("Cannot run the check: it is under way, wait for it or cancel it");
    }
    this.#receiver = receiver;
    const { engine } = this.#loop;
    if (engine !== undefined) return this.#submit(engine);
    // Nothing is done for a run that was cancelled meanwhile: another run may be in flight.
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

  /** Ends the run, before its receiver may start the next one. */
  #end(): CheckReceiver {
    const receiver = this.#receiver!;
    this.#receiver = this.#engine = undefined;
    return receiver;
  }
}
