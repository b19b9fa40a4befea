/** Options of the schedule, and their defaults. */

import { checkNumber } from "./bounds.ts";
import type { Problems } from "./problems.ts";
import type { Intervals } from "./schedule.ts";

/** Schedule options of a target. */
export interface IntervalOptions {
  /**
   * The time between checks in ms while a target is up and its last result passed; at least 10, like the other
   * intervals.
   *
   * @default {2000}
   */
  interval?: number;
  /**
   * The time between checks in ms after a contrary result, and until the first verdict.
   *
   * @default {interval}
   */
  fastInterval?: number;
  /**
   * The time between checks in ms while a target is down and its last result failed.
   *
   * @default {interval}
   */
  downInterval?: number;
  /**
   * Timeout of a check in ms, at most `interval`. It may exceed `fastInterval` and `downInterval`, because the next
   * check waits for the end of the previous one.
   *
   * @default {1000, or interval if that is less}
   */
  timeout?: number;
}

/** Options with all defaults filled in. */
export interface ResolvedIntervals extends Intervals {
  /** Timeout of a check in ms. */
  readonly timeout: number;
}

/** Default interval in ms. */
export const DEFAULT_INTERVAL = 2000;
const TIMEOUT = 1000;
/**
 * Least interval in ms. With a shorter one many checks would be skipped, because timers are exact to 1 ms, and a check
 * is skipped if it is late by half its interval.
 */
const MIN_INTERVAL = 10;
const MIN_TIMEOUT = 1;
/** Maximum of `setTimeout()`, and of a check's timeout. */
const MAX_TIME = 2 ** 31 - 1;

/**
 * Validates options and fills in the defaults.
 *
 * @param options The given options.
 * @param problems Where problems are added.
 * @returns The options to use, if there are no problems.
 */
export function resolveIntervals(options: IntervalOptions, problems: Problems): ResolvedIntervals {
  const bounds = { min: MIN_INTERVAL, max: MAX_TIME };
  const interval = checkNumber("interval", options.interval ?? DEFAULT_INTERVAL, bounds, problems);
  const { fastInterval = interval, downInterval = interval, timeout = Math.min(TIMEOUT, interval) } = options;
  if (typeof timeout === "number" && timeout > interval) {
    problems.addOfRange(`timeout must be at most interval, ${interval} ms, it is ${timeout}`);
  } else if (!(typeof timeout === "number" && timeout > 0)) {
    checkNumber("timeout", timeout, { min: MIN_TIMEOUT, max: MAX_TIME }, problems);
  }
  return {
    interval,
    fastInterval: checkNumber("fastInterval", fastInterval, bounds, problems),
    downInterval: checkNumber("downInterval", downInterval, bounds, problems),
    timeout,
  };
}
