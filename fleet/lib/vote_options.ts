/** Options of the vote of several witnesses. */

/** How the words of several witnesses become a verdict. */
export interface VoteOptions {
  /**
   * Witnesses per target, from different zones where there are.
   *
   * @default {3}
   */
  readonly witnesses?: number;
  /**
   * Witnesses that must agree that a target is down.
   *
   * @default {the majority of those present, at least 2}
   */
  readonly agree?: number;
  /**
   * Present witnesses below which a target is unknown.
   *
   * @default {2, or 1 if there is one witness per target}
   */
  readonly quorum?: number;
}
