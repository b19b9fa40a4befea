/** Columns of the live view, and how they fit into a terminal. */

import { GAP } from "../text.ts";

/** The columns, from left to right. */
export const COLUMNS = ["target", "state", "since", "last", "loss", "history"] as const;

/** A column. */
export type Column = typeof COLUMNS[number];

/** Columns that are left out on a narrow terminal, in this order. */
const OPTIONAL = ["loss", "since", "last", "state"] as const satisfies Column[];
/** Targets are cut to this width before a column is left out. */
const MIN_TARGET_WIDTH = 12;
/** Targets are not cut below this width to make room for a history. */
const READABLE_TARGET = 24;
/** A narrower history is left out. */
const MIN_HISTORY_WIDTH = 8;

/**
 * Fits columns into the width of a terminal.
 *
 * @param natural The width that each column needs; the history gets the remaining width.
 * @param columns The width of the terminal.
 * @returns The columns that are shown, with their widths. Their sum, with the gaps, is at most the terminal's width.
 */
export function fit(
  natural: Readonly<Record<Exclude<Column, "history">, number>>,
  columns: number,
): Map<Column, number> {
  const widths = new Map<Column, number>(Object.entries(natural) as [Column, number][]);
  const least = Math.min(natural.target, MIN_TARGET_WIDTH);
  for (const column of OPTIONAL) {
    if (total(widths) - natural.target + least <= columns) break;
    widths.delete(column);
  }
  const left = columns - (total(widths) - natural.target);
  const leftByHistory = left - GAP.length - MIN_HISTORY_WIDTH;
  const most = leftByHistory >= READABLE_TARGET ? leftByHistory : left;
  widths.set("target", Math.max(Math.min(natural.target, most), 1));
  const history = columns - total(widths) - GAP.length;
  if (history >= MIN_HISTORY_WIDTH) widths.set("history", history);
  return widths;
}

function total(widths: ReadonlyMap<Column, number>): number {
  return [...widths.values()].reduce((sum, width) => sum + width + GAP.length, -GAP.length);
}
