/** Heat map of a group: one cell per target, in order of id. */

/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h() and Fragment()

import { h } from "../html/h.ts";
import type { TargetState } from "../../target_state.ts";
import { targetHref } from "../html/links.ts";
import { STATE_NAMES } from "../html/text.ts";

/** A cell. */
export type Cell = Pick<TargetState, "id" | "state" | "degraded">;

/** Side of a cell, in units of the SVG. */
const SIDE = 10;
const MAX_COLUMNS = 200;

/** Returns the number of columns for a number of cells, about four times the number of rows. */
function columnsOf(cells: number): number {
  return Math.max(1, Math.min(MAX_COLUMNS, cells, Math.max(20, Math.ceil(Math.sqrt(cells * 4)))));
}

/**
 * Heat map. Adjacent cells that are up are one rectangle with a pattern; at most `maxLinks` other cells are links. The
 * map is hidden from screen readers, because the counts and the list of targets contain the same information.
 */
export function HeatMap({ cells, group, maxLinks }: { cells: readonly Cell[]; group: string; maxLinks: number }) {
  const columns = columnsOf(cells.length);
  const rows = Math.ceil(cells.length / columns);
  let links = 0;
  const plain = new Map<string, string>();
  const linked = cells.flatMap((cell, i) => {
    const kind = kindOf(cell);
    if (kind === "up") return [];
    const path = cellPath(kind, i % columns, Math.floor(i / columns));
    if (links++ < maxLinks) {
      return [
        <a href={targetHref(cell.id)} tabindex={-1}>
          <path class={kind} d={path}>
            <title>{`${cell.id}: ${STATE_NAMES[kind].toLowerCase()}`}</title>
          </path>
        </a>,
      ];
    }
    plain.set(kind, (plain.get(kind) ?? "") + path);
    return [];
  });
  return (
    <svg
      class="heat"
      viewBox={`0 0 ${columns * SIDE} ${rows * SIDE}`}
      width={columns * SIDE}
      aria-hidden="true"
      data-columns={columns}
      data-cells={cells.length}
      data-group={group}
    >
      {runs(cells, columns).map(({ x, y, length }) => (
        <rect fill="url(#cell-up)" x={x * SIDE} y={y * SIDE} width={length * SIDE} height={SIDE} />
      ))}
      {[...plain].map(([kind, path]) => <path class={kind} d={path} />)}
      {linked}
    </svg>
  );
}

/** Pattern of cells that are up. Render it once per document. */
export function HeatMapPattern() {
  return (
    <svg class="hidden" width="0" height="0" aria-hidden="true">
      <pattern id="cell-up" width={SIDE} height={SIDE} patternUnits="userSpaceOnUse">
        <rect class="cell" x="1.5" y="1.5" width="7" height="7" rx="1.5" />
      </pattern>
    </svg>
  );
}

function kindOf({ state, degraded }: Cell): TargetState["state"] | "degraded" {
  return state === "up" && degraded ? "degraded" : state;
}

/** Shapes of cells by state, because colour alone is not accessible. `client/live.js` has the same shapes. */
const CELL_SHAPES = {
  up: "m1.5 1.5h7v7h-7z",
  down: "m.5 .5h9v9h-9z",
  degraded: "m1.5 1.5h7l-7 7z",
  unknown: "m1.5 1.5h7v7h-7zm2 2v3h3v-3z",
  maintenance: "m1.5 1.5h2.500v7h-2.500zm4.500 0h2.500v7h-2.500z",
};

function cellPath(kind: keyof typeof CELL_SHAPES, x: number, y: number): string {
  return `M${x * SIDE} ${y * SIDE}${CELL_SHAPES[kind]}`;
}

/** Finds runs of adjacent cells that are up, within each row. */
function runs(cells: readonly Cell[], columns: number): { x: number; y: number; length: number }[] {
  const found: { x: number; y: number; length: number }[] = [];
  cells.forEach((cell, i) => {
    if (kindOf(cell) !== "up") return;
    const [x, y] = [i % columns, Math.floor(i / columns)];
    const last = found.at(-1);
    if (last !== undefined && last.y === y && last.x + last.length === x) last.length++;
    else found.push({ x, y, length: 1 });
  });
  return found;
}
