/** The live table, as lines of text. */

import type { FlagValues } from "../flags.ts";
import { clockText, GAP } from "../text.ts";
import { percent } from "../reports/ping.ts";
import { coloured } from "./colour.ts";
import type { Row } from "./row.ts";

/** What to sort by. */
export type Sort = NonNullable<FlagValues["sort"]>;

/** What a terminal has room for. */
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
 * Draws the table.
 *
 * @param rows The targets.
 * @param sort What to sort them by.
 * @param size What there is room for; the last line of the terminal is left to the cursor.
 * @param now The time, on the clock of the rows.
 * @returns Lines, none of which is wider than there is room for.
 */
export function tableLines(rows: readonly Row[], sort: Sort, size: Size, now: number): string[] {
  const room = Math.max(size.rows - 2, 1);
  const fits = rows.length <= room;
  const shown = sorted(rows, sort).slice(0, fits ? rows.length : room - 1);
  const cells = shown.map((row) => rowCells(row, now));
  const widths = HEADER.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i].length)));
  // Where the terminal is too narrow, the history gives way first, and then the target.
  for (const column of [HISTORY, TARGET]) {
    const excess = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) - size.columns;
    widths[column] = Math.max(widths[column] - Math.max(excess, 0), HEADER[column].length);
  }
  const lines = [
    line(HEADER, widths, size.columns),
    ...cells.map((row, i) => line(row, widths, size.columns, shown[i].status)),
  ];
  if (!fits) lines.push(`${rows.length - shown.length} more`.slice(0, size.columns));
  return lines;
}

function rowCells(row: Row, now: number): string[] {
  return [
    // Other characters may be wider than one column.
    /^[\x20-\x7e]*$/.test(row.target.text) ? row.target.text : `${asciiHost(row.target.hostname)}:${row.target.port}`,
    row.isFull ? `${row.status}, full connect` : row.status ?? "",
    row.rtt?.toFixed(3) ?? "",
    row.status === undefined ? "" : percent(row.loss),
    row.changedAt === undefined ? "" : clockText(now - row.changedAt),
    sparkline(row.history),
  ];
}

/** How a column is made narrower: of the history the last is shown, of a target both ends, since many have one host. */
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

function line(cells: readonly string[], widths: readonly number[], columns: number, status?: Row["status"]): string {
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

/** Bars from the lowest to the highest of the times shown. */
function sparkline(times: readonly (number | undefined)[]): string {
  const known = times.filter((time) => time !== undefined);
  const low = Math.min(...known);
  const high = Math.max(...known);
  const step = (high - low) / (BARS.length - 1);
  return times.map((time) => time === undefined ? NOT_UP : BARS[step > 0 ? Math.round((time - low) / step) : 0])
    .join("");
}

/** Those that are not up come first where it is about states and losses. */
function sorted(rows: readonly Row[], sort: Sort): Row[] {
  const collator = new Intl.Collator("en", { numeric: true });
  const compare: Record<Sort, (a: Row, b: Row) => number> = {
    given: () => 0,
    target: (a, b) => collator.compare(a.target.text, b.target.text),
    state: (a, b) => Number(a.status === "up") - Number(b.status === "up") || compareText(a.status, b.status),
    rtt: (a, b) => (b.rtt ?? Infinity) - (a.rtt ?? Infinity) || 0,
    loss: (a, b) => b.loss - a.loss,
    change: (a, b) => (b.changedAt ?? 0) - (a.changedAt ?? 0),
  };
  return rows.toSorted(compare[sort]);
}

function compareText(a = "", b = ""): number {
  return a < b ? -1 : Number(a > b);
}
