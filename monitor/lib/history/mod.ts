/**
 * History of a monitor: the stored history, and the recent results in memory.
 *
 * @module
 */

export type { Outcome } from "../classify.ts";
export { RecentResults } from "../series/recent_results.ts";
export type { RecentResult } from "../series/result_ring.ts";
export { type RttPoint, rttPoints } from "../series/rtt_points.ts";
export type { CountedResults, CountedRow } from "./counted_results.ts";
export { HistoryFile, type MonthlyUptime, type ReportRange } from "./history_file.ts";
export { History, type HistoryOptions } from "./history.ts";
export type {
  EventQuery,
  HistoryReader,
  HistoryStatus,
  SeriesPoint,
  SeriesQuery,
  StoredEvent,
  UptimeQuery,
} from "./reader.ts";
export type { Outage } from "./outages.ts";
export type { HistoryLimits, HistoryRetention } from "./retention.ts";
export { type StateTimes, type Uptime, uptimeOf } from "./uptime.ts";
