/**
 * Sliding window over the last results, as bits of an integer: the lowest bit is the newest result, and 1 is a failure.
 * Unlike consecutive counts, a window detects a target that loses every third SYN.
 */

/** Limits of the flag degraded. */
export interface WindowOptions {
  /** The number of failures. */
  readonly failures: number;
  /** The number of results. */
  readonly of: number;
}

/** A window without results. Missing results count as passes. */
export const EMPTY_WINDOW = 0;

/** Maximum number of results in a window, because V8 keeps integers of 31 bits without a heap number. */
export const MAX_WINDOW = 30;

/** Adds a result, 1 for a failure, and drops the oldest. */
export function push(window: number, failures: 0 | 1, { of }: WindowOptions): number {
  return (window << 1 | failures) & ((1 << of) - 1);
}

/**
 * Whether a window has too many failures. Hysteresis: a degraded target stays degraded while more than half as many
 * results failed.
 */
export function isDegraded(window: number, wasDegraded: boolean, { failures }: WindowOptions): boolean {
  const count = ones(window);
  return wasDegraded ? count > failures / 2 : count >= failures;
}

function ones(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
