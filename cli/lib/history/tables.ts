/** Tables of outages and of monthly uptime, as text. */

import type { MonthlyUptime, Outage } from "@tcp-shaker/monitor/history";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { GAP, percentText, spanText } from "../text.ts";

/** Makes the table of outages. */
export function outageTable(outages: readonly Outage[]): string[] {
  if (outages.length === 0) return ["No outages"];
  return table([
    ["start", "end", "length", "target", "reason"],
    ...outages.map(({ id, start, end, length, reason }) => [
      timeText(start),
      end === undefined ? "down still" : timeText(end),
      spanText(length),
      printable(id),
      printable(reason),
    ]),
  ]);
}

/** Makes the table of uptime. */
export function uptimeTable(uptimes: readonly MonthlyUptime[]): string[] {
  if (uptimes.length === 0) return ["No history in this time"];
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

/** A share with three digits, rounded down: 100 % means that the target was never down. */
function uptimeText(share: number): string {
  return `${(Math.floor(share * 100_000) / 1000).toFixed(3)}%`;
}

/** UTC, to the second. */
function timeText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i])).join(GAP).trimEnd());
}
