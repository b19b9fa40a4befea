/** The statistics of the monitor, in a few lines. */

import type { MonitorStatistics, TargetState } from "@tcp-shaker/monitor";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { spanText } from "../text.ts";

/** Targets that are named, at most. */
const NAMED = 20;

/**
 * Writes the statistics.
 *
 * @param states The states of all targets.
 * @param statistics What the monitor has done.
 * @returns Lines: how many targets are in each state, the checks, and the targets that are not up.
 */
export function monitorSummary(states: Iterable<TargetState>, statistics: MonitorStatistics): string {
  const counts = { up: 0, down: 0, unknown: 0, maintenance: 0 };
  let [failures, neutral, transitions] = [0, 0, 0];
  const notUp: string[] = [];
  const now = Date.now();
  for (const { id, state, since, failures: failed, neutral: said, transitions: turned } of states) {
    counts[state]++;
    failures += failed;
    neutral += said;
    transitions += turned;
    if (state !== "up" && notUp.length < NAMED) notUp.push(`  ${printable(id)}: ${state} for ${spanText(now - since)}`);
  }
  const { checks, skipped, lateness } = statistics;
  const others = counts.down + counts.unknown + counts.maintenance - notUp.length;
  const mean = lateness.count === 0 ? 0 : lateness.sum / lateness.count;
  return [
    `${counts.up} up, ${counts.down} down, ${counts.unknown} unknown, ${counts.maintenance} in maintenance`,
    `${checks} checks, ${failures} failed, ${neutral} neutral; ${transitions} transitions`,
    `${skipped} checks skipped, the others late by ${mean.toFixed(1)} ms on average, ${
      lateness.max.toFixed(1)
    } ms at most`,
    ...notUp,
    ...others > 0 ? [`  and ${others} more`] : [],
  ].join("\n");
}
