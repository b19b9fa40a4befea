/** Retention of the history, and the maximum size of the file. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Limits of the history. Times are in ms. */
export interface HistoryLimits {
  /**
   * Maximum size of the file in bytes. The oldest minutes are deleted first, then hours, events and days.
   *
   * @default {2147483648}
   */
  readonly maxSize?: number;
  /** Retention times. */
  readonly retention?: HistoryRetention;
}

/** Retention times, in ms. */
export interface HistoryRetention {
  /**
   * Rows of minutes.
   *
   * @default {172800000}
   */
  readonly minutes?: number;
  /**
   * Rows of hours.
   *
   * @default {7776000000}
   */
  readonly hours?: number;
  /**
   * Rows of days.
   *
   * @default {63158400000}
   */
  readonly days?: number;
  /**
   * Events.
   *
   * @default {63158400000}
   */
  readonly events?: number;
}

/** {@linkcode HistoryLimits} with the defaults filled in. */
export interface ResolvedLimits {
  readonly maxSize: number;
  readonly retention: Required<HistoryRetention>;
}

const RETENTION: Required<HistoryRetention> = {
  minutes: 48 * HOUR,
  hours: 90 * DAY,
  days: 731 * DAY,
  events: 731 * DAY,
};

/** Fills in the defaults. */
export function resolveLimits({ maxSize = 2 ** 31, retention = {} }: HistoryLimits): ResolvedLimits {
  const given = Object.entries(retention).filter(([, time]) => time !== undefined);
  return { maxSize, retention: { ...RETENTION, ...Object.fromEntries(given) } };
}
