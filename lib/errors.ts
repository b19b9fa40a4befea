/** Errors that callers catch by class. */

/** `checkingLoop()` was called on a checker whose loop runs already. */
export class CheckerAlreadyStartedError extends Error {
  /** The name of the class. */
  override readonly name = "CheckerAlreadyStartedError";

  /** Makes the error. */
  constructor() {
    super("Cannot start the checking loop: it is running already");
  }
}

/** A check was asked of a checker whose loop doesn't run. */
export class CheckerNotRunningError extends Error {
  /** The name of the class. */
  override readonly name = "CheckerNotRunningError";

  /**
   * Makes the error.
   *
   * @param options Its cause, if the loop failed.
   */
  constructor(options?: ErrorOptions) {
    super("Cannot check: the checking loop is not running, use Checker.start() or call checkingLoop() first", options);
  }
}
