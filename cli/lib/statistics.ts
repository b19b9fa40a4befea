/** What many checks of one target tell. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Status } from "./tally.ts";

/** Round trip times, in ms. */
export interface RoundTrips {
  readonly min: number;
  readonly avg: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Counts the checks of a target, and keeps its round trip times: 8 bytes each, so that the percentiles are exact. */
export class Statistics {
  readonly #times: number[] = [];
  #checks = 0;
  #last: Status | undefined;

  /** Takes a result. */
  add(result: CheckResult): void {
    this.#checks++;
    this.#last = result.status;
    if (result.status === "up") this.#times.push(result.rtt);
  }

  /** How many checks there were. */
  get checks(): number {
    return this.#checks;
  }

  /** How many found the target up. */
  get up(): number {
    return this.#times.length;
  }

  /** The share of those that did not: 0 to 1. */
  get loss(): number {
    return this.#checks === 0 ? 0 : 1 - this.up / this.#checks;
  }

  /** One status for all: up if the target ever was, as ping and fping have it; else the last one. */
  get status(): Status | undefined {
    return this.up > 0 ? "up" : this.#last;
  }

  /** The round trip times; `undefined` if there are none. */
  roundTrips(): RoundTrips | undefined {
    const times = Float64Array.from(this.#times).sort();
    if (times.length === 0) return undefined;
    return {
      min: times[0],
      avg: times.reduce((sum, time) => sum + time) / times.length,
      p50: percentile(times, 50),
      p99: percentile(times, 99),
      max: times[times.length - 1],
    };
  }
}

/** The smallest value that so many percent of all values are not above ("nearest rank"). */
function percentile(sorted: Float64Array, percent: number): number {
  return sorted[Math.max(Math.ceil(sorted.length * percent / 100), 1) - 1];
}
