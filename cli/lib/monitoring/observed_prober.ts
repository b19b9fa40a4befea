/** A prober that passes each result on, and makes a limited number of checks per target. */

import type { Prober, TargetCheck } from "@tcp-shaker/monitor";
import type { CheckDefaults, CheckReceiver, CheckResult, HostPort } from "@tcp-shaker/tcp-shaker";

/**
 * Called at the end of each check, before the monitor judges it, with `undefined` if the check could not be made. The
 * monitor waits for the promise, so a slow reader of the output delays the next check.
 */
export type Observer = (endpoint: HostPort, result: CheckResult | undefined) => Promise<void>;

/** Wraps a prober. */
export class ObservedProber implements Prober {
  readonly #prober: Prober;
  readonly #observe: Observer;
  readonly #rounds: number;

  /**
   * @param prober Makes the checks. It is disposed of with this one.
   * @param observe Called at the end of each check.
   * @param rounds The number of checks per target.
   */
  constructor(prober: Prober, observe: Observer, rounds: number) {
    this.#prober = prober;
    this.#observe = observe;
    this.#rounds = rounds;
  }

  /** Prepares a check. After the last run, further runs never end, so that the monitor schedules no other. */
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
