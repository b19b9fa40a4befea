/** Metrics of the stored history. */

import type { HistoryStatus } from "../../history/reader.ts";
import { singleSample } from "./exposition.ts";

/** Writes the families of the history. */
export function historyMetrics({ problem, failures, dropped, size, writtenAt }: HistoryStatus): string[] {
  const name = (suffix: string) => `tcp_checker_history_${suffix}`;
  return [
    singleSample(
      name("up"),
      "gauge",
      "Whether the last write of the history succeeded.",
      Number(problem === undefined),
    ),
    singleSample(name("write_failures_total"), "counter", "Writes of the history that failed.", failures),
    singleSample(
      name("dropped_total"),
      "counter",
      "Events and rows that were dropped, because the history could not be written for too long.",
      dropped,
    ),
    singleSample(name("size_bytes"), "gauge", "Size of the history's file.", size),
    writtenAt === undefined ? "" : singleSample(
      name("last_write_timestamp_seconds"),
      "gauge",
      "When the history was last written, in seconds since 1970.",
      writtenAt / 1000,
    ),
  ];
}
