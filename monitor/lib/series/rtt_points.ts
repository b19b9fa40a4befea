/** Quantiles of round-trip times and counts of results, one point per step, from recent results. */

import type { RecentResult } from "./result_ring.ts";

/** Results of a target in one step. */
export interface RttPoint {
  /** The start of the step, in ms since 1970. */
  readonly at: number;
  /** Number of checks that passed. */
  readonly pass: number;
  /** Number of checks that failed. */
  readonly fail: number;
  /** Number of neutral checks. */
  readonly neutral: number;
  /** Median of the round-trip times in ms; absent if no check passed. */
  readonly p50?: number;
  /** 95th percentile of the round-trip times in ms; absent if no check passed. */
  readonly p95?: number;
}

/**
 * Computes one point per step of `[from, to)`.
 *
 * @param results Results, oldest first.
 * @param from The start of the first step, in ms since 1970.
 * @param to The end of the last step.
 * @param step The length of a step in ms.
 * @returns The points, oldest first. A step without results has counts of 0.
 */
export function rttPoints(results: readonly RecentResult[], from: number, to: number, step: number): RttPoint[] {
  const steps = Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (): RecentResult[] => []);
  for (const result of results) {
    if (result.at >= from && result.at < to) steps[Math.floor((result.at - from) / step)].push(result);
  }
  return steps.map((inStep, index) => point(from + index * step, inStep));
}

function point(at: number, results: readonly RecentResult[]): RttPoint {
  const rtts = results.flatMap(({ rtt }) => rtt ?? []).sort((a, b) => a - b);
  const count = (outcome: RecentResult["outcome"]) => results.filter((result) => result.outcome === outcome).length;
  return {
    at,
    pass: count("pass"),
    fail: count("fail"),
    neutral: count("neutral"),
    ...rtts.length > 0 && { p50: quantile(rtts, 0.5), p95: quantile(rtts, 0.95) },
  };
}

/** Returns the nearest-rank quantile of sorted numbers. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
