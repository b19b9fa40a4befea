/** Formats rows of the live view as aligned lines. */

import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { clockText, detailText, GAP, isFullConnect, percentText } from "../text.ts";
import { colouredState } from "./colour.ts";
import { type Column, COLUMNS, fit } from "./columns.ts";
import type { Glyphs } from "./glyphs.ts";
import { lossOf, type Row } from "./row.ts";

const TITLES: Readonly<Record<Column, string>> = {
  target: "TARGET",
  state: "STATE",
  since: "FOR",
  last: "LAST CHECK",
  loss: "LOSS",
  history: "HISTORY",
};
const RIGHT_ALIGNED: ReadonlySet<Column> = new Set(["since", "loss"]);
/** Maximum width of the last result. */
const LONGEST_LAST = 24;

/** Widths that columns need. They never shrink, so that columns don't move while rows scroll. */
export class Widths {
  readonly #needed: Record<Exclude<Column, "history">, number>;

  /** @param rows All rows, because the widest target sets the width of the first column. */
  constructor(rows: readonly Pick<Row, "label">[]) {
    const target = rows.reduce((width, { label }) => Math.max(width, label.length), TITLES.target.length);
    this.#needed = { target, state: "unknown 1/3".length, since: 7, last: "12.345 ms".length, loss: 5 };
    for (const column of ["state", "since", "last", "loss"] as const) this.#grow(column, TITLES[column]);
  }

  /** Widens columns for cells, and fits them into a width. */
  fit(cells: readonly Cells[], columns: number): Map<Column, number> {
    for (const row of cells) {
      for (const column of ["state", "since", "last", "loss"] as const) this.#grow(column, row[column]);
    }
    return fit(this.#needed, columns);
  }

  #grow(column: Exclude<Column, "history">, text: string): void {
    const most = column === "last" ? LONGEST_LAST : Infinity;
    this.#needed[column] = Math.max(this.#needed[column], Math.min(text.length, most));
  }
}

type Cells = Readonly<Record<Exclude<Column, "history">, string>>;

/**
 * Formats the visible rows.
 *
 * @param rows The rows.
 * @param widths The widths that columns need.
 * @param columns The width of the terminal.
 * @param now The wall clock, in ms since 1970.
 * @param glyphs The characters.
 * @returns The titles, then one line per row; none is wider than the terminal.
 */
export function tableLines(
  rows: readonly Row[],
  widths: Widths,
  columns: number,
  now: number,
  glyphs: Glyphs,
): string[] {
  const cells = rows.map((row) => cellsOf(row, now));
  const shown = widths.fit(cells, columns);
  const line = (cell: (column: Column, width: number) => string) =>
    COLUMNS.filter((column) => shown.has(column)).map((column) => cell(column, shown.get(column)!)).join(GAP).trimEnd();
  return [
    line((column, width) => aligned(column, TITLES[column], width, glyphs)).slice(0, columns),
    ...rows.map((row, i) =>
      line((column, width) => {
        if (column === "history") return row.sparkline.text(width, glyphs);
        const text = aligned(column, cells[i][column], width, glyphs);
        return column === "state" ? colouredState(row.state.state, text) : text;
      })
    ),
  ];
}

function cellsOf({ label, state }: Row, now: number): Cells {
  const { result, turning } = state;
  const flags = [...state.degraded ? ["degraded"] : [], ...state.flapping ? ["flapping"] : []];
  return {
    target: label,
    state: [state.state, ...turning ? [`${turning.count}/${turning.of}`] : [], ...flags].join(" "),
    since: clockText(Math.max(now - state.since, 0)),
    last: result === undefined
      ? "not checked yet"
      : printable(detailText(result) + (isFullConnect(result) ? ", full connect" : "")),
    loss: state.checks === state.neutral ? "" : percentText(lossOf(state)),
  };
}

function aligned(column: Column, text: string, width: number, { ellipsis }: Glyphs): string {
  if (text.length > width) return column === "target" ? cutMiddle(text, width, ellipsis) : text.slice(0, width);
  return RIGHT_ALIGNED.has(column) ? text.padStart(width) : text.padEnd(width);
}

/** Keeps both ends of a target, because many targets may share a host or a port. */
function cutMiddle(text: string, width: number, ellipsis: string): string {
  const end = Math.floor((width - 1) / 2);
  return text.slice(0, width - 1 - end) + ellipsis + text.slice(text.length - end);
}
