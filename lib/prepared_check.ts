/** Prepared check: one target, parsed once and checked any number of times. */

import type { Endpoint } from "./address.ts";
import type { CheckingLoop } from "./checking_loop.ts";
import type { Engine, Pending } from "./engine.ts";
import type { ResolvedOptions } from "./resolved_options.ts";
import type { CheckResult, CheckTarget } from "./result.ts";

/**
 * Repeatable check of one target, as a prepared statement of a database is a repeatable query. The target and the options
 * are validated once, so a run costs less CPU time than `checkAddr()`.
 *
 * @typeParam T The type of the target, and of the results' `target`.
 */
export interface PreparedCheck<T extends CheckTarget = CheckTarget> {
  /**
   * Makes the check. At most one run is under way at a time.
   *
   * @returns The result, as of `checkAddr()`.
   * @throws {Error} If a run is under way.
   * @throws {CheckerNotRunningError} If no loop runs. A run waits for a loop that is being started.
   * @throws The reason of {@linkcode PreparedCheck.cancel} or of the loop's signal.
   */
  run(): Promise<CheckResult<T>>;
  /**
   * Cancels the run under way, if any. Its promise rejects, and no further SYN is sent. The check can be run again at
   * once.
   *
   * @param reason The reason that the promise rejects with; an `AbortError` by default.
   */
  cancel(reason?: unknown): void;
}

/** Prepared check, and at the same time the pending check of each run, so that a run allocates no object for it. */
export class RepeatableCheck implements Pending, PreparedCheck {
  readonly target: CheckTarget;
  readonly endpoint: Endpoint;
  id = 0;
  readonly #loop: CheckingLoop;
  readonly #options: ResolvedOptions;
  /** Of the run under way. */
  #resolve: ((result: CheckResult) => void) | undefined;
  #reject: ((reason: unknown) => void) | undefined;
  /** The engine of the run under way; absent while its loop starts. */
  #engine: Engine | undefined;

  constructor(target: CheckTarget, endpoint: Endpoint, loop: CheckingLoop, options: ResolvedOptions) {
    this.target = target;
    this.endpoint = endpoint;
    this.#loop = loop;
    this.#options = options;
  }

  get details(): boolean {
    return this.#options.details;
  }

  run(): Promise<CheckResult> {
    return new Promise((resolve, reject) => {
      if (this.#reject !== undefined) {
        throw new Error("Cannot run the check: it is under way, wait for it or cancel it");
      }
      this.#resolve = resolve;
      this.#reject = reject;
      const { engine } = this.#loop;
      if (engine !== undefined) return this.#submit(engine);
      // Nothing is done for a run that was cancelled meanwhile: another one may be under way.
      this.#loop.started().then(
        ({ engine }) => this.#reject === reject && this.#submit(engine),
        (reason) => this.#reject === reject && this.fail(reason),
      );
    });
  }

  cancel(reason: unknown = new DOMException("The check was cancelled", "AbortError")): void {
    if (this.#reject === undefined) return;
    this.#engine?.cancel(this);
    this.fail(reason);
  }

  settle(result: CheckResult): void {
    const resolve = this.#resolve!;
    this.#end();
    resolve(result);
  }

  fail(reason: unknown): void {
    const reject = this.#reject!;
    this.#end();
    reject(reason);
  }

  #submit(engine: Engine): void {
    this.#engine = engine;
    engine.submit(this, this.#options);
  }

  #end(): void {
    this.#resolve = this.#reject = this.#engine = undefined;
  }
}
