/** Tables of outages and of monthly uptime, as text. */

import type { MonthlyUptime, Outage } from "@tcp-shaker/monitor/history";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { GAP, percentText, spanText } from "../text.ts";

/** Formats outages as a table. */
export function outageTable(outages: readonly Outage[]): string[] {
  if (outages.length === 0) return ["No outages"];
  return table([
    ["start", "end", "length", "target", "reason"],
    ...outages.map(({ id, start, end, length, reason }) => [
      timeText(start),
      end === undefined ? "still down" : timeText(end),
      spanText(length),
      printable(id),
      printable(reason),
    ]),
  ]);
}

/** Formats uptime per month as a table. */
export function uptimeTable(uptimes: readonly MonthlyUptime[]): string[] {
  if (uptimes.length === 0) return ["No history in this time range"];
  return table([
    ["month", "uptime", "known", "down", "target"],
    ...uptimes.map(({ id, month, uptime, coverage, down }) => [
      month,
      uptime === null ? "unknown" : uptimeText(uptime),
      percentText(coverage),
      spanText(down),
      printable(id),
    ]),
  ]);
}

/** Formats a share with three decimals, rounded down, so that 100 % means that the target was never down. */
function uptimeText(share: number): string {
  return `${(Math.floor(share * 100_000) / 1000).toFixed(3)}%`;
}

/** Formats a time in UTC, without milliseconds. */
function timeText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i])).join(GAP).trimEnd());
}
