/** Formats the statistics of the monitor. */

import type { MonitorStatistics, TargetState } from "@tcp-shaker/monitor";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { spanText, statusText } from "../text.ts";

const MAX_NAMED_TARGETS = 20;

/**
 * Formats the statistics.
 *
 * @param states The states of all targets.
 * @param statistics The counters of the monitor.
 * @returns Lines: the number of targets in each state, the checks, and the targets that are not up.
 */
export function monitorSummary(
  states: Iterable<TargetState>,
  statistics: Pick<MonitorStatistics, "skipped" | "lateness">,
): string {
  const counts = { up: 0, down: 0, unknown: 0, maintenance: 0 };
  // Sums of the states, because a history restores them; the monitor's own counters start with the process.
  let [checkCount, failureCount, neutralCount, transitionCount] = [0, 0, 0, 0];
  const notUp: string[] = [];
  const now = Date.now();
  for (const { id, state, since, checks, failures, neutral, transitions, result } of states) {
    counts[state]++;
    checkCount += checks;
    failureCount += failures;
    neutralCount += neutral;
    transitionCount += transitions;
    if (state !== "up" && notUp.length < MAX_NAMED_TARGETS) {
      const last = result === undefined ? "not checked yet" : statusText(result);
      notUp.push(printable(`  ${id}: ${state} for ${spanText(now - since)}, ${last}`));
    }
  }
  const { skipped, lateness } = statistics;
  const others = counts.down + counts.unknown + counts.maintenance - notUp.length;
  const mean = lateness.count === 0 ? 0 : lateness.sum / lateness.count;
  return [
    `${counts.up} up, ${counts.down} down, ${counts.unknown} unknown, ${counts.maintenance} in maintenance`,
    // A neutral check failed on this host or in the resolver.
    `checks: ${checkCount}, failed ${failureCount}, neutral ${neutralCount}, skipped ${skipped}; ` +
    `late by ${mean.toFixed(1)} ms on average, ${lateness.max.toFixed(1)} ms at most`,
    `changes after the first verdict: ${transitionCount}`,
    ...notUp,
    ...others > 0 ? [`  and ${others} more`] : [],
  ].join("\n");
}
