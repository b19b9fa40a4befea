/** A check whose outcome somebody awaits. */

import type { Endpoint } from "./address.ts";
import type { Engine, Pending } from "./engine.ts";
import type { ResolvedOptions } from "./options.ts";
import type { CheckResult, CheckTarget } from "./result.ts";

/** A promise's two ends, the target it is about, and the signal that may end it. */
export class PendingCheck implements Pending {
  readonly target: CheckTarget;
  readonly endpoint: Endpoint;
  readonly details: boolean;
  id = 0;
  readonly #resolve: (result: CheckResult) => void;
  readonly #reject: (reason: unknown) => void;
  #signal: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;

  constructor(
    target: CheckTarget,
    endpoint: Endpoint,
    details: boolean,
    resolve: (result: CheckResult) => void,
    reject: (reason: unknown) => void,
  ) {
    this.target = target;
    this.endpoint = endpoint;
    this.details = details;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /**
   * Hands the check to an engine.
   *
   * @param engine The engine.
   * @param options How to check.
   * @param signal Cancels the check.
   * @throws The signal's reason, if it has aborted.
   */
  start(engine: Engine, options: ResolvedOptions, signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    engine.submit(this, options);
    if (signal === undefined) return;
    this.#signal = signal;
    this.#onAbort = () => {
      engine.cancel(this);
      this.#reject(signal.reason);
    };
    signal.addEventListener("abort", this.#onAbort, { once: true });
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
    if (this.#signal !== undefined) this.#signal.removeEventListener("abort", this.#onAbort!);
  }
}
