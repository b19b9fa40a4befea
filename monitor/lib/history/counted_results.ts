/** Counted results: results of checks that another program has made and counted, such as the agents of a fleet. */

/** Results of one minute. */
export interface CountedResults {
  /** The minute's begin, in ms since 1970. */
  readonly minute: number;
  /** One row per target. */
  readonly rows: readonly CountedRow[];
  /**
   * Position in the source that they were read from, such as the sequence of a stream. It is stored in the same
   * transaction, so that a restart continues from there: see `History.position`.
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
  /** Number of neutral checks, which give no information about the target. */
  readonly neutral: number;
  /** Round trip times in ms; absent if no check passed. */
  readonly rtt?: { readonly min: number; readonly mean: number; readonly max: number };
}
