/** How late checks begin: a histogram of 1 ms, since a check that would be over 500 ms late is skipped. */

import { LATEST } from "./schedule.ts";

/** How late checks have begun, in ms. */
export interface LatenessSummary {
  /** How many have begun. */
  readonly count: number;
  /** The sum of all. */
  readonly sum: number;
  /** The median, rounded up. */
  readonly p50: number;
  /** What 99 % are below, rounded up. */
  readonly p99: number;
  /** The largest. */
  readonly max: number;
}

/** Counts checks by their lateness. */
export class Lateness {
  readonly #counts = new Uint32Array(LATEST.ms + 1);
  #count = 0;
  #sum = 0;
  #max = 0;

  /** Counts a check that begins so many ms late: 0 to 500. */
  add(late: number): void {
    this.#counts[Math.floor(late)]++;
    this.#count++;
    this.#sum += late;
    if (late > this.#max) this.#max = late;
  }

  /** Sums up all checks so far. */
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
