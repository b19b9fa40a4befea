/**
 * Uptime: `up / (up + down)`. Time in the state unknown, in maintenance, and time without a running monitor is
 * excluded;
 * `coverage` is the remaining share.
 */

/** Time in each state, in ms. */
export interface StateTimes {
  /** Time up. */
  readonly up: number;
  /** Time down. */
  readonly down: number;
  /** Time in the state `"unknown"`: no verdict yet, or trouble on the monitoring host. */
  readonly unknown: number;
  /** Time in maintenance. */
  readonly maintenance: number;
}

/** Uptime of a target in a time range. */
export interface Uptime extends StateTimes {
  /** Share of the known time in which the target was up, 0 to 1; `null` if no time is known. */
  readonly uptime: number | null;
  /** Share of the time range in which the state was up or down, 0 to 1. */
  readonly coverage: number;
}

/**
 * Computes the uptime of a target.
 *
 * @param times Time in each state.
 * @param duration The length of the time range in ms.
 * @returns The uptime.
 */
export function uptimeOf({ up, down, unknown, maintenance }: StateTimes, duration: number): Uptime {
  const known = up + down;
  return {
    up,
    down,
    unknown,
    maintenance,
    uptime: known > 0 ? up / known : null,
    // Limited, because the clocks of a minute and of its states differ by fractions of a ms.
    coverage: duration > 0 ? Math.min(1, known / duration) : 0,
  };
}
