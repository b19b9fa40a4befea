/** Error classes that callers catch. */

import { quote } from "./quote.ts";
import type { CheckResult, CheckTarget } from "./result.ts";

/** Error of `checkingLoop()` on a checker whose loop is already running. */
export class CheckerAlreadyStartedError extends Error {
  /** The name of the class. */
  override readonly name = "CheckerAlreadyStartedError";

  /** Makes the error. */
  constructor() {
    super("Cannot start the checking loop: it is already running, stop it first or use another checker");
  }
}

/** Error of a check on a checker whose loop does not run. */
export class CheckerNotRunningError extends Error {
  /** The name of the class. */
  override readonly name = "CheckerNotRunningError";

  /**
   * Makes the error.
   *
   * @param options The `cause`, if the loop failed.
   */
  constructor(options?: ErrorOptions) {
    super("Cannot check: the checking loop is not running, use Checker.start() or call checkingLoop() first", options);
  }
}

/** Error of `waitUntil()`: the deadline passed before the target was in the wanted state. */
export class WaitDeadlineError extends Error {
  /** The name of the class. */
  override readonly name = "WaitDeadlineError";
  /** The result of the last check; absent if no check has ended. */
  readonly result?: CheckResult;

  /**
   * Makes the error.
   *
   * @param target The target.
   * @param wait The wanted state, and the times in ms.
   * @param result The result of the last check, if any.
   */
  constructor(
    target: CheckTarget,
    { state, deadline, stableFor }: { state: "up" | "down"; deadline: number; stableFor: number },
    result: CheckResult | undefined,
  ) {
    const wanted = stableFor > 0 ? `${state} for ${stableFor} ms` : state;
    super(`Gave up after ${deadline} ms: ${quote(target)} was not ${wanted}, ${outcome(result)}`);
    if (result !== undefined) this.result = result;
  }
}

function outcome(result: CheckResult | undefined): string {
  if (result === undefined) return "no check has ended";
  return `the last check found ${result.status}${"code" in result ? ` (${result.code})` : ""}`;
}
