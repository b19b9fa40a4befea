/** Results that other programs have counted. */

/** Results of one minute, counted by another program that makes the checks. */
export interface CountedResults {
  /** The minute's begin, in ms since 1970. */
  readonly minute: number;
  /** One row per target. */
  readonly rows: readonly CountedRow[];
  /**
   * Where they are in the source that they were read from, such as the sequence of a stream. It is stored together with
   * them, so that a restart reads on from there: see `History.position`.
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
  /** Number of checks that said nothing about the target. */
  readonly neutral: number;
  /** Round trip times in ms; absent if no check passed. */
  readonly rtt?: { readonly min: number; readonly mean: number; readonly max: number };
}
