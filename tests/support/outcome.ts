/** Short formats of results. */

import type { CheckResult } from "../../mod.ts";

/** Formats address, status and code, if any, on one line. */
export function outcome(result: CheckResult): string {
  const code = "code" in result ? [result.code] : [];
  return [result.address?.hostname ?? "none", result.status, ...code].join(" ");
}

/** Formats status and code, if any. */
export function statusAndCode(result: CheckResult): string {
  return "code" in result ? `${result.status} ${result.code}` : result.status;
}

/** Counts results by outcome, and by mode if it isn't half-open. */
export function tally(results: CheckResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const result of results) {
    const kind = result.mode === "half-open" ? outcome(result) : `${outcome(result)} (${result.mode})`;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** The number of SYNs by the results' `retransmits`, for outcomes that have it. */
export function synsOf(results: CheckResult[]): number {
  return results.reduce((syns, result) => syns + 1 + ("retransmits" in result ? result.retransmits : 0), 0);
}
