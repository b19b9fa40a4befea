/** Sliding-window counter in constant memory. */

/** The number of slices of a window. Counts leave the window one slice at a time. */
const SLICES = 16;

/** Immutable state of the counter. */
export interface SlidingCount {
  /** Number of the newest slice, counted from time 0. */
  readonly newest: number;
  /** Counts by the number of the slice modulo {@linkcode SLICES}. */
  readonly counts: readonly number[];
}

/** An empty counter. */
export const NOTHING_COUNTED: SlidingCount = { newest: -Infinity, counts: [] };

/** Adds an amount to the slice of `at`, a time within the window. A negative amount reverts an earlier one. */
export function count(state: SlidingCount, amount: number, at: number, window: number, now: number): SlidingCount {
  const { newest, counts } = advance(state, window, now);
  const index = sliceOf(at, window) % SLICES;
  return { newest, counts: counts.with(index, counts[index] + amount) };
}

/** Returns the sum within the window. */
export function sum(state: SlidingCount, window: number, now: number): number {
  return advance(state, window, now).counts.reduce((a, b) => a + b, 0);
}

/**
 * Returns the start of the window. The window's length varies from 15/16 to 16/16, because slices are dropped as a
 * whole.
 */
export function beginning(window: number, now: number): number {
  return (sliceOf(now, window) - SLICES + 1) * window / SLICES;
}

/** Empties the slices that have left the window. */
function advance(state: SlidingCount, window: number, now: number): SlidingCount {
  const newest = sliceOf(now, window);
  if (newest === state.newest) return state;
  // A smaller number means that the window has grown, so the slices so far have another length.
  const last = newest < state.newest ? -Infinity : state.newest;
  const kept = (index: number) => newest - (newest - index) % SLICES <= last ? state.counts[index] : 0;
  return { newest, counts: Array.from({ length: SLICES }, (_, index) => kept(index)) };
}

function sliceOf(time: number, window: number): number {
  return Math.floor(time / window * SLICES);
}
