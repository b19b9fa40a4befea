/** Series of a target: from the stored history, with quantiles from the results in memory. */

import type { SeriesPoint, SeriesQuery } from "../history/reader.ts";
import { rttPoints } from "../series/rtt_points.ts";
import { MemoryHistory } from "./memory_history.ts";
import type { Status } from "./status.ts";

/** A point of a series, with quantiles if the results in memory cover it. */
export interface QuantilePoint extends SeriesPoint {
  /** Median of the round-trip times in ms. */
  readonly p50?: number;
  /** 95th percentile of the round-trip times in ms. */
  readonly p95?: number;
}

/** The shortest step of the stored history, in ms. */
const STORED_STEP = 60_000;

/**
 * Reads the series of a target. Steps of a minute or more come from the history, shorter steps from memory.
 *
 * @param status The status of the monitor.
 * @param id The target's id.
 * @param query The time range, and the length of a step.
 * @returns The points, oldest first.
 */
export async function readSeries(
  { monitor, log, history, recent, startedAt }: Pick<Status, "monitor" | "log" | "history" | "recent" | "startedAt">,
  id: string,
  query: SeriesQuery,
): Promise<QuantilePoint[]> {
  const source = query.step % STORED_STEP === 0 ? history : new MemoryHistory(monitor, log, recent, startedAt);
  const points = await source.series(id, query);
  const results = recent?.results(id) ?? [];
  if (results.length === 0 || points.length === 0) return points;
  const quantiles = rttPoints(results, points[0].at, points[0].at + points.length * query.step, query.step);
  return points.map((point, i) => {
    const { p50, p95 } = quantiles[i];
    // The oldest result may be in the middle of a step, so that the step is incomplete.
    return point.at < results[0].at && results.length > 1 && i > 0
      ? point
      : { ...point, ...p50 !== undefined && { p50, p95 } };
  });
}
