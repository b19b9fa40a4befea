/** The error of a list that can't be used: the targets of the read before stay. */

/** A list can't be used. */
export class ListError extends Error {
  /**
   * Makes the error.
   *
   * @param message What is wrong, and then what to do.
   */
  constructor(message: string) {
    super(message);
    this.name = "ListError";
  }
}
