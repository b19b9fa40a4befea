/** Measurements of checks for metrics: round-trip times by group, and local errors by code. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";

/** Upper bounds of the buckets in ms: 50 us, doubled up to 1.6384 s. The last bucket has all greater times. */
export const RTT_BOUNDS_MS: readonly number[] = Array.from({ length: 16 }, (_, i) => 0.05 * 2 ** i);

/** Round-trip times of a group. */
export interface RttHistogram {
  /** Number of times in each bucket of {@linkcode RTT_BOUNDS_MS}, and in the last one. Buckets don't overlap. */
  readonly counts: readonly number[];
  /** Sum of all times in ms. */
  readonly sum: number;
}

class Histogram implements RttHistogram {
  readonly counts: number[] = new Array(RTT_BOUNDS_MS.length + 1).fill(0);
  sum = 0;

  add(rtt: number): void {
    let bucket = 0;
    while (bucket < RTT_BOUNDS_MS.length && rtt > RTT_BOUNDS_MS[bucket]) bucket++;
    this.counts[bucket]++;
    this.sum += rtt;
  }
}

/** Collects measurements. */
export class Measurements {
  readonly #groups = new Map<string, Histogram>();
  readonly #localErrors = new Map<string, number>();

  /** Round-trip times by group; `""` for targets without a group. */
  get rtt(): ReadonlyMap<string, RttHistogram> {
    return this.#groups;
  }

  /** Results `local-error` by code. */
  get localErrors(): ReadonlyMap<string, number> {
    return this.#localErrors;
  }

  /** Adds the result of a check. */
  add(group: string, result: CheckResult): void {
    if (result.status === "up") this.#histogram(group).add(result.rtt);
    else if (result.status === "local-error") {
      this.#localErrors.set(result.code, (this.#localErrors.get(result.code) ?? 0) + 1);
    }
  }

  #histogram(group: string): Histogram {
    const known = this.#groups.get(group);
    if (known !== undefined) return known;
    const histogram = new Histogram();
    this.#groups.set(group, histogram);
    return histogram;
  }
}
