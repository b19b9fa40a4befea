/** Levels of resolution of the stored series: minutes, hours, days. */

/** A level: a table with a row per target and time step. */
export interface Level {
  /** The table. */
  readonly table: "minutes" | "hours" | "days";
  /** The length of a step in ms. */
  readonly step: number;
}

/** All levels, finest first. */
export const LEVELS: readonly Level[] = [
  { table: "minutes", step: 60_000 },
  { table: "hours", step: 3_600_000 },
  { table: "days", step: 86_400_000 },
];

/** Extent of the rows of a level. Times are in ms since 1970, at steps of the level. */
export interface LevelState {
  /** Steps before this time may have been dropped. */
  readonly dropped: number;
  /** Steps of the next finer level before this time are rolled up into this level. */
  readonly rolled: number;
}

/** Segment of a time range: the rows of one level whose steps begin in `[from, to)`. Times are in ms since 1970. */
export interface Segment {
  readonly level: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Divides a time range into segments of the coarsest levels that fit. Where finer rows were deleted, a coarser step
 * belongs to the range if it begins in the range.
 *
 * @param states The extent of each level, finest first.
 * @param coarsest The coarsest level to use where finer rows exist.
 * @param from The start of the range.
 * @param to The end of the range (exclusive).
 * @returns Segments without overlaps.
 */
export function segments(states: readonly LevelState[], coarsest: number, from: number, to: number): Segment[] {
  return whole(states, coarsest, from, to).filter((segment) => segment.from < segment.to);
}

/** Uses whole steps of a level in the middle of the range, and finer levels at its ends. */
function whole(states: readonly LevelState[], level: number, from: number, to: number): Segment[] {
  if (from >= to) return [];
  if (level === 0) return rows(states, 0, from, to);
  const { step } = LEVELS[level];
  const [begin, end] = [ceil(from, step), Math.floor(to / step) * step];
  if (begin >= end) return whole(states, level - 1, from, to);
  return [
    ...whole(states, level - 1, from, begin),
    ...rows(states, level, begin, end),
    ...whole(states, level - 1, end, to),
  ];
}

/** Uses rows of a level; coarser rows where they were deleted, finer rows where they are not rolled up yet. */
function rows(states: readonly LevelState[], level: number, from: number, to: number): Segment[] {
  if (from >= to) return [];
  const { dropped, rolled } = states[level];
  if (from < dropped && level + 1 < LEVELS.length) {
    const cut = Math.min(to, ceil(dropped, LEVELS[level + 1].step));
    return [...rows(states, level + 1, from, cut), ...rows(states, level, cut, to)];
  }
  if (level === 0) return [{ level, from, to }];
  return [{ level, from, to }, ...rows(states, level - 1, Math.max(from, rolled), to)];
}

function ceil(time: number, step: number): number {
  return Math.ceil(time / step) * step;
}
