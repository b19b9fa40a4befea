/** Formats the live view as the lines of a screen: a pure function of the rows and the view. */

import type { State } from "@tcp-shaker/monitor";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { clockText, GAP, timeOfDay } from "../text.ts";
import type { Glyphs } from "./glyphs.ts";
import { legend } from "./sparkline.ts";
import { filtered, type Row, type Sort, sorted } from "./row.ts";
import { tableLines, type Widths } from "./table.ts";
import { clamp, type Extent, type View } from "./view.ts";

/** The size of a terminal. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What is shown. */
export interface Model {
  /** All rows, in the order in which the targets were given. */
  readonly rows: readonly Row[];
  readonly sort: Sort;
  /** Number of checks so far. */
  readonly checks: number;
  /** Wall clocks of the start and of now, in ms since 1970. */
  readonly startedAt: number;
  readonly now: number;
  /** Alarms, one line each. */
  readonly notices: readonly string[];
  readonly widths: Widths;
  /** Whether the view takes keys. */
  readonly hasKeys: boolean;
}

/** The lines of a screen, and how far its rows can be scrolled. */
export interface Frame {
  /** No line is wider than the screen. */
  readonly lines: readonly string[];
  readonly extent: Extent;
}

/** The header, the titles and the footer; smaller screens have no legend. */
const MIN_LINES = 3;

/**
 * Formats the view.
 *
 * @param model What is shown.
 * @param view The scroll position and the filter.
 * @param size The size of the screen.
 * @param glyphs The characters.
 * @returns As many lines as the screen has, the last one at the bottom.
 */
export function frame(model: Model, view: View, size: Size, glyphs: Glyphs): Frame {
  const rows = sorted(filtered(model.rows, view.filter), model.sort);
  const above = [headerLine(model, size.columns), ...model.notices.map((notice) => printable(notice))];
  const hasLegend = size.rows >= above.length + MIN_LINES + 3;
  const page = Math.max(size.rows - above.length - MIN_LINES + 1 - Number(hasLegend), 1);
  const extent = { count: rows.length, page };
  const top = clamp(view.top, extent);
  const shown = rows.slice(top, top + page);
  const table = tableLines(shown, model.widths, size.columns, model.now, glyphs);
  if (rows.length === 0) table.push("No target matches");
  const below = [...hasLegend ? [legend(glyphs)] : [], footerLine(model, view, extent, top)];
  const blank = Array.from<string>({ length: page - table.length + 1 }).fill("");
  const plain = (line: string) => line.slice(0, size.columns);
  return { lines: [...above.map(plain), ...table, ...blank, ...below.map(plain)].slice(0, size.rows), extent };
}

/** Formats the counts by state, the round, the checks, the time since the start, and the clock. */
function headerLine({ rows, checks, startedAt, now }: Model, columns: number): string {
  const counts: Record<State, number> = { down: 0, unknown: 0, maintenance: 0, up: 0 };
  for (const { state } of rows) counts[state.state]++;
  const left = Object.entries(counts).filter(([state, count]) => count > 0 || state === "up" || state === "down")
    .map(([state, count]) => `${grouped(count)} ${state}`).join(", ");
  // A round is one check per target.
  const round = `round ${grouped(Math.ceil(checks / rows.length))}`;
  const right = [round, `${grouped(checks)} checks in ${clockText(now - startedAt)}`, timeOfDay(now)].join(GAP);
  return left + right.padStart(Math.max(columns - left.length, right.length + GAP.length));
}

function footerLine({ hasKeys }: Model, { filter, isPrompt }: View, { count, page }: Extent, top: number): string {
  if (isPrompt) return `filter: ${printable(filter)}_${GAP}Enter: keep${GAP}Esc: clear`;
  const place = count === 0 ? "0" : `${grouped(top + 1)}-${grouped(Math.min(top + page, count))}`;
  const matching = filter === "" ? "" : ` with "${printable(filter)}" (Esc: all)`;
  const keys = hasKeys ? ["q: quit", "/: filter", "arrows PgUp PgDn Home End: scroll"] : ["Ctrl-C: quit"];
  return [`${place} of ${grouped(count)}${matching}`, ...keys].join(GAP);
}

function grouped(number: number): string {
  return number.toLocaleString("en-US");
}
