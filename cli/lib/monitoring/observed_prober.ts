/** A prober that reports each result to an observer, and limits the number of checks per target. */

import type { Prober, TargetCheck } from "@tcp-shaker/monitor";
import type { CheckDefaults, CheckReceiver, CheckResult, HostPort } from "@tcp-shaker/tcp-shaker";

/**
 * Called at the end of each check, with `undefined` if the check could not be made. The monitor gets the result when
 * the promise resolves, so a slow reader of the output delays the next check.
 */
export type Observer = (endpoint: HostPort, result: CheckResult | undefined) => Promise<void>;

/** Wraps a prober. */
export class ObservedProber implements Prober {
  readonly #prober: Prober;
  readonly #observe: Observer;
  readonly #rounds: number;

  /**
   * @param prober Makes the checks. The wrapper disposes of it.
   * @param observe Called at the end of each check.
   * @param rounds The number of checks per target.
   */
  constructor(prober: Prober, observe: Observer, rounds: number) {
    this.#prober = prober;
    this.#observe = observe;
    this.#rounds = rounds;
  }

  /** Prepares a check. A run beyond the limit never ends, so the monitor schedules no further check. */
  prepare(endpoint: HostPort, options: CheckDefaults): TargetCheck {
    const check = this.#prober.prepare(endpoint, options);
    let left = this.#rounds;
    const start = (receiver: CheckReceiver) => {
      if (left === 0) return;
      left--;
      const observe = (result?: CheckResult) => this.#observe(endpoint, result);
      check.start({
        settle: (result) => void observe(result).then(() => receiver.settle(result), (error) => receiver.fail(error)),
        fail: (reason) => void observe().then(() => receiver.fail(reason), (error) => receiver.fail(error)),
      });
    };
    return { start, cancel: (reason) => check.cancel(reason) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#prober[Symbol.asyncDispose]();
  }
}
