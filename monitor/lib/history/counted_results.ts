/** Counted results: checks that other programs have made and counted, such as the agents of a fleet. */

/** Results of one minute. */
export interface CountedResults {
  /** The minute's start, in ms since 1970. */
  readonly minute: number;
  /** One row per target. */
  readonly rows: readonly CountedRow[];
  /**
   * Position in the source, such as the sequence of a stream. It is stored in the same transaction, so that a restart
   * continues from there: see `History.position`.
   */
  readonly position?: number;
}

/** Results of a target. */
export interface CountedRow {
  /** The target's id. */
  readonly id: string;
  /** Number of checks that passed. */
  readonly pass: number;
  /** Number of checks that failed. */
  readonly fail: number;
  /** Number of neutral checks. */
  readonly neutral: number;
  /** Round-trip times in ms; absent if no check passed. */
  readonly rtt?: { readonly min: number; readonly mean: number; readonly max: number };
}
