/** Rounding of times. */

/** Rounds a time in ms to microseconds, because differences of floating-point times have meaningless digits. */
export function milliseconds(time: number): number {
  return Number(time.toFixed(3));
}
