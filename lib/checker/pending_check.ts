/** Pending check of `checkAddr()`. */

import { type Abortable, offAbort, onAbort } from "./abortable.ts";
import type { Endpoint } from "../address.ts";
import type { Engine, Pending } from "../engine.ts";
import type { ResolvedOptions } from "../resolved_options.ts";
import type { CheckResult, CheckTarget } from "../result.ts";

/** Check that settles a promise, and that a signal may abort. */
export class PendingCheck implements Pending, Abortable {
  readonly target: CheckTarget;
  readonly endpoint: Endpoint;
  readonly details: boolean;
  id = 0;
  readonly #resolve: (result: CheckResult) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #signal: AbortSignal | undefined;
  /** The engine that runs the check; absent until `start()`. */
  #engine: Engine | undefined;

  constructor(
    target: CheckTarget,
    endpoint: Endpoint,
    details: boolean,
    signal: AbortSignal | undefined,
    resolve: (result: CheckResult) => void,
    reject: (reason: unknown) => void,
  ) {
    this.target = target;
    this.endpoint = endpoint;
    this.details = details;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = signal;
    if (signal !== undefined) onAbort(signal, this);
  }

  /**
   * Submits the check to an engine, unless the signal aborted while the engine started.
   *
   * @param engine The engine.
   * @param options The options of the check.
   */
  start(engine: Engine, options: ResolvedOptions): void {
    if (this.#signal?.aborted) return;
    this.#engine = engine;
    engine.submit(this, options);
  }

  abort(reason: unknown): void {
    this.#engine?.cancel(this);
    this.#reject(reason);
  }

  settle(result: CheckResult): void {
    this.#detachSignal();
    this.#resolve(result);
  }

  fail(reason: unknown): void {
    this.#detachSignal();
    this.#reject(reason);
  }

  #detachSignal(): void {
    if (this.#signal !== undefined) offAbort(this.#signal, this);
  }
}
