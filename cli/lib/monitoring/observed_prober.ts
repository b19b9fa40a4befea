/** A prober that passes each result on, and makes a limited number of checks per target. */

import type { Prober } from "@tcp-shaker/monitor";
import type { CheckOptions, CheckResult, HostPort } from "@tcp-shaker/tcp-shaker";

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
  /** Number of checks started per target. */
  readonly #started = new Map<HostPort, number>();

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

  /** Makes a check. After the last check of a target it waits for ever, so that the monitor schedules no further one. */
  async check(endpoint: HostPort, options: CheckOptions): Promise<CheckResult> {
    const started = (this.#started.get(endpoint) ?? 0) + 1;
    if (started > this.#rounds) return await new Promise<never>(() => {});
    this.#started.set(endpoint, started);
    let result: CheckResult | undefined;
    try {
      return result = await this.#prober.check(endpoint, options);
    } finally {
      await this.#observe(endpoint, result);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#prober[Symbol.asyncDispose]();
  }
}
