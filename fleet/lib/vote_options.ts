/** Options of the vote of several witnesses. */

/** Options of the vote: the number of witnesses per target, and how many must agree. */
export interface VoteOptions {
  /**
   * Witnesses per target, from different zones if there are enough zones.
   *
   * @default {3}
   */
  readonly witnesses?: number;
  /**
   * Witnesses that must agree that a target is down; all present witnesses if there are fewer.
   *
   * @default {the majority of the present witnesses}
   */
  readonly agree?: number;
  /**
   * Minimum number of present witnesses with a vote; with fewer the target is unknown.
   *
   * @default {2, or 1 if there is one witness per target}
   */
  readonly quorum?: number;
}
