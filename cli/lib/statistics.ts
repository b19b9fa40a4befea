/** Statistics of the checks of one target, for the lines at the end of `-i`. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { ResultClass } from "./local_failure.ts";
import type { Target } from "./target.ts";

/** Summary of round-trip times, in ms. */
export interface RoundTrips {
  readonly min: number;
  readonly avg: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Counts the checks of one target, and keeps their round-trip times, at 8 bytes per check. */
export class Statistics {
  readonly target: Target;
  /** Round-trip times, in ms; `NaN` for a check that was not up, so that the array holds only unboxed numbers. */
  readonly #times: number[] = [];
  #checks = 0;
  #up = 0;
  #last: CheckResult | undefined;

  /** @param target The target. */
  constructor(target: Target) {
    this.target = target;
  }

  /** Adds a result. */
  add(result: CheckResult): void {
    this.#last = result;
    this.#checks++;
    if (result.status === "up") this.#up++;
    this.#times.push(result.status === "up" ? result.rtt : NaN);
  }

  /** Number of checks. */
  get checks(): number {
    return this.#checks;
  }

  /** Number of checks that found the target up. */
  get up(): number {
    return this.#up;
  }

  /** The share of checks that did not find the target up, 0 to 1. */
  get loss(): number {
    return this.#checks === 0 ? 0 : 1 - this.#up / this.#checks;
  }

  /** One verdict for all checks: up if any check was up, as for ping and fping, else the last result. */
  get overall(): ResultClass | undefined {
    return this.#up > 0 ? { status: "up" } : this.#last;
  }

  /** Summarizes the round-trip times; `undefined` if there are none. */
  roundTrips(): RoundTrips | undefined {
    const times = Float64Array.from(this.#times.filter((time) => !Number.isNaN(time))).sort();
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

/** Percentile by the nearest-rank method. */
function percentile(sorted: Float64Array, percent: number): number {
  return sorted[Math.max(Math.ceil(sorted.length * percent / 100), 1) - 1];
}
