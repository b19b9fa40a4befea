/** Messages that are not of the protocol. */

/** Why a message was ignored. A value, not an error: any party that may publish can publish nonsense. */
export class Malformed {
  /** What is wrong. */
  readonly problem: string;

  /**
   * Makes the reason.
   *
   * @param problem What is wrong.
   */
  constructor(problem: string) {
    this.problem = problem;
  }
}
