/** A sliding-window counter: how much was counted lately, in constant memory. */

/** The number of slices of a window. What was counted leaves the window a slice at a time. */
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

/**
 * Adds an amount to the slice of `at`, a time within the window. A negative amount takes back what was counted then.
 */
export function count(state: SlidingCount, amount: number, at: number, window: number, now: number): SlidingCount {
  const { newest, counts } = advance(state, window, now);
  const index = sliceOf(at, window) % SLICES;
  return { newest, counts: counts.with(index, counts[index] + amount) };
}

/** How much was counted within the window. */
export function sum(state: SlidingCount, window: number, now: number): number {
  return advance(state, window, now).counts.reduce((a, b) => a + b, 0);
}

/** When the window begins: its oldest slice is partly over, so it is 15/16 of the window long, or up to 1/16 longer. */
export function beginning(window: number, now: number): number {
  return (sliceOf(now, window) - SLICES + 1) * window / SLICES;
}

/** Empties the slices that have left the window. */
function advance(state: SlidingCount, window: number, now: number): SlidingCount {
  const newest = sliceOf(now, window);
  if (newest === state.newest) return state;
  // Time never goes back. If it seems to, the window has grown, and the slices counted so far are of another length.
  const last = newest < state.newest ? -Infinity : state.newest;
  const kept = (index: number) => newest - (newest - index) % SLICES <= last ? state.counts[index] : 0;
  return { newest, counts: Array.from({ length: SLICES }, (_, index) => kept(index)) };
}

function sliceOf(time: number, window: number): number {
  return Math.floor(time / window * SLICES);
}
