/** Statistics of the checks of one target, for ping's closing lines and the live table. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Status } from "./tally.ts";
import type { Target } from "./targets/target.ts";
import { isFullConnect } from "./text.ts";

/** Summary of round-trip times, in ms. */
export interface RoundTrips {
  readonly min: number;
  readonly avg: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Counts the checks of one target, and keeps the round-trip times of the last ones, at 8 bytes per check. */
export class Statistics {
  readonly target: Target;
  readonly #keep: number;
  /** Round-trip times, in ms, the newest last; `NaN` for a check that was not up, because holes would be boxed. */
  readonly #times: number[] = [];
  #checks = 0;
  #up = 0;
  #lastStatus: Status | undefined;
  #isLastFull = false;
  #changedAt: number | undefined;

  /**
   * @param target The target.
   * @param keep How many checks to keep round-trip times of: all for exact percentiles, few for a run without an end.
   */
  constructor(target: Target, keep: number = Infinity) {
    this.target = target;
    this.#keep = keep;
  }

  /**
   * Adds a result.
   *
   * @param result The result.
   * @param now When it came, on the clock of {@linkcode Statistics.changedAt}.
   */
  add(result: CheckResult, now: number = performance.now()): void {
    if (result.status !== this.#lastStatus) this.#changedAt = now;
    this.#lastStatus = result.status;
    this.#isLastFull = isFullConnect(result);
    this.#checks++;
    if (result.status === "up") this.#up++;
    this.#times.push(result.status === "up" ? result.rtt : NaN);
    if (this.#times.length > this.#keep) this.#times.shift();
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

  /** The status of the last check; `undefined` before the first. */
  get lastStatus(): Status | undefined {
    return this.#lastStatus;
  }

  /** One status for all checks: up if the target ever was, as for ping and fping, else the last one. */
  get overallStatus(): Status | undefined {
    return this.#up > 0 ? "up" : this.#lastStatus;
  }

  /** Whether the application saw the last check, as a connection. */
  get isLastFull(): boolean {
    return this.#isLastFull;
  }

  /** When the status last changed. */
  get changedAt(): number | undefined {
    return this.#changedAt;
  }

  /** The round-trip time of the last check, in ms; `undefined` if it was not up. */
  get lastRtt(): number | undefined {
    return this.history.at(-1);
  }

  /** The round-trip times that are kept, in ms, the newest last; `undefined` for a check that was not up. */
  get history(): readonly (number | undefined)[] {
    return this.#times.map((time) => Number.isNaN(time) ? undefined : time);
  }

  /** Summarizes the round-trip times that are kept; `undefined` if there are none. */
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

/** Percentile by the nearest-rank method: the smallest value that at least so many percent of the values don't exceed. */
function percentile(sorted: Float64Array, percent: number): number {
  return sorted[Math.max(Math.ceil(sorted.length * percent / 100), 1) - 1];
}
