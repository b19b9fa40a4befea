/** A sliding-window counter: how much was counted lately, in constant memory. */

/** Of a window; what was counted in one of them leaves the window with it. */
const SLICES = 16;

/** The counter's state: a plain value, never changed in place. */
export interface SlidingCount {
  /** The newest slice: its number from the start of time. */
  readonly newest: number;
  /** By the number of the slice, modulo {@linkcode SLICES}. */
  readonly counts: readonly number[];
}

/** Nothing was counted. */
export const NOTHING_COUNTED: SlidingCount = { newest: -Infinity, counts: [] };

/** Counts something at a time within the window; `amount` is negative to take it back. */
export function count(state: SlidingCount, amount: number, at: number, window: number, now: number): SlidingCount {
  const { newest, counts } = advance(state, window, now);
  const slice = sliceOf(at, window);
  if (slice <= newest - SLICES) return { newest, counts };
  return { newest, counts: counts.with(indexOf(slice), counts[indexOf(slice)] + amount) };
}

/** How much was counted within the window. */
export function sum(state: SlidingCount, window: number, now: number): number {
  return advance(state, window, now).counts.reduce((a, b) => a + b, 0);
}

/** When the window begins: between a whole and 15/16 of it ago. */
export function beginning(window: number, now: number): number {
  return (sliceOf(now, window) - SLICES + 1) * window / SLICES;
}

/** Empties the slices that have left the window. */
function advance(state: SlidingCount, window: number, now: number): SlidingCount {
  const newest = sliceOf(now, window);
  if (newest === state.newest) return state;
  // If time seems to go back, the window has grown: its slices are others.
  const last = newest < state.newest ? -Infinity : state.newest;
  const kept = (index: number) => newest - (newest - index) % SLICES <= last ? state.counts[index] : 0;
  return { newest, counts: Array.from({ length: SLICES }, (_, index) => kept(index)) };
}

function sliceOf(time: number, window: number): number {
  return Math.floor(time / window * SLICES);
}

function indexOf(slice: number): number {
  return slice % SLICES;
}
