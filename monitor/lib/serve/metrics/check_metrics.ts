/** Metrics of a monitor's checks. */

import type { MonitorStatistics } from "../../monitor.ts";
import { Family, labelText, prefixedSample } from "./exposition.ts";

/** Quantiles of the lateness histogram. */
const LATENESS_QUANTILES = [["0.5", "p50"], ["0.99", "p99"], ["1", "max"]] as const;

/** Writes the families of a monitor's checks. */
export function checkMetrics({ skipped, lateness, dropped, localErrors }: MonitorStatistics): string[] {
  const late = new Family("tcp_checker_schedule_lateness_seconds", "summary", "Lateness of the starts of checks.");
  for (const [quantile, key] of LATENESS_QUANTILES) late.add(lateness[key] / 1000, labelText([["quantile", quantile]]));
  late.add(lateness.sum / 1000, "", "_sum");
  late.add(lateness.count, "", "_count");
  const errors = new Family(
    "tcp_checker_local_errors_total",
    "counter",
    "Checks that this host could not make, by error.",
  );
  for (const [code, count] of localErrors) errors.add(count, labelText([["code", code]]));
  return [
    late.text(),
    prefixedSample(
      "skipped_checks_total",
      "counter",
      "Checks that were skipped, because they would have been too late.",
      skipped,
    ),
    errors.text(),
    prefixedSample("events_dropped_total", "counter", "Events that were dropped because of slow readers.", dropped),
  ];
}
