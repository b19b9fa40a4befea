/** The time range of a query, and its steps. */

import type { Query } from "./query.ts";

/** Maximum number of points in a reply. */
const MAX_POINTS = 2000;
/** Maximum number of points in a reply to a query without `step`. */
const DEFAULT_POINTS = 300;
const MINUTE = 60_000;
const DAY = 86_400_000;
/** Default steps, in ms. */
const STEPS = [10_000, 30_000, MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 6 * 60 * MINUTE, DAY];

/** A time range. */
export interface TimeRange {
  /** The start, in ms since 1970. */
  readonly from: number;
  /** Its end. */
  readonly to: number;
}

/** Reads `from` and `to`: the last 24 h by default. */
function readTimeRange(query: Query): TimeRange {
  const to = query.time("to") ?? Date.now();
  const from = query.time("from") ?? to - DAY;
  if (from >= to) query.problem("from must be before to");
  return { from, to };
}

/** Reads `step`, too. */
export function readSteps(query: Query): TimeRange & { readonly step: number } {
  const { from, to } = readTimeRange(query);
  const step = query.duration("step") ?? defaultStep(to - from);
  if (step < 1000 || (step > MINUTE && step % MINUTE !== 0)) {
    query.problem("step must be at least 1s, and above 1m a multiple of 1m");
  } else if ((to - from) / step > MAX_POINTS) {
    query.problem(
      `step must be longer: from and to have ${Math.ceil((to - from) / step)} steps, at most ${MAX_POINTS} are allowed`,
    );
  }
  return { from, to, step };
}

/**
 * Chooses the length of a step.
 *
 * @param range The length of the range, in ms.
 * @returns The length of a step, in ms.
 */
function defaultStep(range: number): number {
  return STEPS.find((step) => range / step <= DEFAULT_POINTS) ?? Math.ceil(range / DEFAULT_POINTS / DAY) * DAY;
}
