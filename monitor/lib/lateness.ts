/** Lateness histogram with buckets of 1 ms, up to 500 ms, because later checks are skipped. */

import { MAX_LATENESS } from "./schedule.ts";

/** Lateness of started checks, in ms. */
export interface LatenessSummary {
  /** The number of checks. */
  readonly count: number;
  /** The sum of their lateness. */
  readonly sum: number;
  /** The median, rounded up. */
  readonly p50: number;
  /** The 99th percentile, rounded up. */
  readonly p99: number;
  /** The maximum. */
  readonly max: number;
}

/** Counts checks by their lateness. */
export class Lateness {
  /** Not 32 bits, which 10,000 checks a second exceed within days. */
  readonly #counts = new Float64Array(MAX_LATENESS.ms + 1);
  #count = 0;
  #sum = 0;
  #max = 0;

  /** Counts a check. Its lateness is 0 to 500 ms. */
  add(late: number): void {
    this.#counts[Math.floor(late)]++;
    this.#count++;
    this.#sum += late;
    if (late > this.#max) this.#max = late;
  }

  /** Summarizes all checks so far. */
  summary(): LatenessSummary {
    return {
      count: this.#count,
      sum: this.#sum,
      p50: this.#quantile(0.5),
      p99: this.#quantile(0.99),
      max: this.#max,
    };
  }

  #quantile(share: number): number {
    let left = share * this.#count;
    const index = this.#counts.findIndex((count) => (left -= count) <= 0);
    return this.#count === 0 ? 0 : Math.min(index + 1, this.#max);
  }
}
