/** A check whose outcome somebody awaits. */

import { type Abortable, unwatch, watch } from "./abortable.ts";
import type { Endpoint } from "./address.ts";
import type { Engine, Pending } from "./engine.ts";
import type { ResolvedOptions } from "./options.ts";
import type { CheckResult, CheckTarget } from "./result.ts";

/** A promise's two ends, the target it is about, and the signal that may end it. */
export class PendingCheck implements Pending, Abortable {
  readonly target: CheckTarget;
  readonly endpoint: Endpoint;
  readonly details: boolean;
  id = 0;
  readonly #resolve: (result: CheckResult) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #signal: AbortSignal | undefined;
  /** What has it, as soon as one has. */
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
    if (signal !== undefined) watch(signal, this);
  }

  /**
   * Hands the check to an engine, unless it was cancelled while one was being started.
   *
   * @param engine The engine.
   * @param options How to check.
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
    this.#forgetSignal();
    this.#resolve(result);
  }

  fail(reason: unknown): void {
    this.#forgetSignal();
    this.#reject(reason);
  }

  #forgetSignal(): void {
    if (this.#signal !== undefined) unwatch(this.#signal, this);
  }
}
