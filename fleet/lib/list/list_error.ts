/** A target list can't be read or written. */
export class ListError extends Error {
  /**
   * Makes the error.
   *
   * @param message What is wrong, and what to do.
   */
  constructor(message: string) {
    super(message);
    this.name = "ListError";
  }
}
