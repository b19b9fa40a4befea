/** Formats the live table as lines of text. */

import type { FlagValues } from "../flags.ts";
import type { Statistics } from "../statistics.ts";
import type { Status } from "../tally.ts";
import { clockText, GAP, percentText } from "../text.ts";
import { coloured } from "./colour.ts";

/** Keys to sort the rows by. */
export type Sort = NonNullable<FlagValues["sort"]>;

/** The size of a terminal. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

const HEADER = ["TARGET", "STATE", "RTT ms", "LOSS", "CHANGED", "HISTORY"] as const;
const TARGET = HEADER.indexOf("TARGET");
const STATE = HEADER.indexOf("STATE");
const HISTORY = HEADER.indexOf("HISTORY");
const RIGHT_ALIGNED: ReadonlySet<number> = new Set([2, 3, 4]);
const BARS = "▁▂▃▄▅▆▇█";
const NOT_UP = "x";

/**
 * Formats the table.
 *
 * @param rows The statistics of each target.
 * @param sort What to sort by.
 * @param size The size of the terminal; its last line is left to the cursor.
 * @param now The time, on the clock of {@linkcode Statistics.changedAt}.
 * @returns Lines, none wider than the terminal.
 */
export function tableLines(rows: readonly Statistics[], sort: Sort, size: Size, now: number): string[] {
  const maxRows = Math.max(size.rows - 2, 1);
  const fits = rows.length <= maxRows;
  const shown = sorted(rows, sort).slice(0, fits ? rows.length : maxRows - 1);
  const cells = shown.map((row) => rowCells(row, now));
  const widths = HEADER.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i].length)));
  // On a narrow terminal the history shrinks first, then the target.
  for (const column of [HISTORY, TARGET]) {
    const excess = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) - size.columns;
    widths[column] = Math.max(widths[column] - Math.max(excess, 0), HEADER[column].length);
  }
  const lines = [
    line(HEADER, widths, size.columns),
    ...cells.map((row, i) => line(row, widths, size.columns, shown[i].lastStatus)),
  ];
  if (!fits) lines.push(`${rows.length - shown.length} more`.slice(0, size.columns));
  return lines;
}

function rowCells(row: Statistics, now: number): string[] {
  return [
    // Characters beyond ASCII may be wider than one column.
    /^[\x20-\x7e]*$/.test(row.target.text) ? row.target.text : `${asciiHost(row.target.hostname)}:${row.target.port}`,
    row.isLastFull ? `${row.lastStatus}, full connect` : row.lastStatus ?? "",
    row.lastRtt?.toFixed(3) ?? "",
    row.lastStatus === undefined ? "" : percentText(row.loss),
    row.changedAt === undefined ? "" : clockText(now - row.changedAt),
    sparkline(row.history),
  ];
}

/** Shortens a cell to a width: the history to its end, a target to both ends, because many targets may share a host. */
const CLIP: Readonly<Record<number, (cell: string, width: number) => string>> = {
  [HISTORY]: (cell, width) => cell.slice(-width),
  [TARGET]: (cell, width) => {
    const end = Math.floor((width - 1) / 2);
    return `${cell.slice(0, width - 1 - end)}…${cell.slice(cell.length - end)}`;
  },
};

function asciiHost(hostname: string): string {
  return URL.parse(`http://${hostname}`)?.hostname ?? "?";
}

function line(cells: readonly string[], widths: readonly number[], columns: number, status?: Status): string {
  let left = columns;
  const shown = cells.map((cell, i) => {
    const clipped = cell.length > widths[i] ? CLIP[i]?.(cell, widths[i]) ?? cell : cell;
    const padded = RIGHT_ALIGNED.has(i) ? clipped.padStart(widths[i]) : clipped.padEnd(widths[i]);
    const text = (i === 0 ? padded : GAP + padded).slice(0, left);
    left -= text.length;
    return i === STATE && status !== undefined ? coloured(status, text) : text;
  });
  return shown.join("").trimEnd();
}

/** Sparkline of round-trip times, scaled from the lowest to the highest. */
function sparkline(times: readonly (number | undefined)[]): string {
  const known = times.filter((time) => time !== undefined);
  const low = Math.min(...known);
  const high = Math.max(...known);
  const step = (high - low) / (BARS.length - 1);
  return times.map((time) => time === undefined ? NOT_UP : BARS[step > 0 ? Math.round((time - low) / step) : 0])
    .join("");
}

/** Sorts rows; by state and by loss, targets that are not up come first. */
function sorted(rows: readonly Statistics[], sort: Sort): Statistics[] {
  const collator = new Intl.Collator("en", { numeric: true });
  const compare: Record<Sort, (a: Statistics, b: Statistics) => number> = {
    given: () => 0,
    target: (a, b) => collator.compare(a.target.text, b.target.text),
    state: (a, b) =>
      Number(a.lastStatus === "up") - Number(b.lastStatus === "up") || compareText(a.lastStatus, b.lastStatus),
    rtt: (a, b) => (b.lastRtt ?? Infinity) - (a.lastRtt ?? Infinity) || 0,
    loss: (a, b) => b.loss - a.loss,
    change: (a, b) => (b.changedAt ?? 0) - (a.changedAt ?? 0),
  };
  return rows.toSorted(compare[sort]);
}

function compareText(a = "", b = ""): number {
  return a < b ? -1 : Number(a > b);
}
