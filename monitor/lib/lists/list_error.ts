/** Error of an invalid or unreadable list. The targets of the previous read are kept. */

/** A list is invalid or unreadable. */
export class ListError extends Error {
  /**
   * Creates the error.
   *
   * @param message What is wrong, and what to do.
   */
  constructor(message: string) {
    super(message);
    this.name = "ListError";
  }
}
