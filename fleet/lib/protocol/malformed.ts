/** Messages that violate the protocol. */

/** Reason why a message was ignored: a value, not an error, because any publisher may send malformed messages. */
export class Malformed {
  /** What is wrong. */
  readonly problem: string;

  /**
   * Creates the reason.
   *
   * @param problem What is wrong.
   */
  constructor(problem: string) {
    this.problem = problem;
  }
}
