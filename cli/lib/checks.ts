/** Runs checks on the library's checker. */

import { type CheckAllOptions, Checker, type CheckerOptions, type CheckResult } from "@tcp-shaker/tcp-shaker";
import { printError, untilWritable } from "./output.ts";
import type { CheckRequest } from "./target.ts";

const FALLBACK_WARNING =
  "tcp-checker: Half-open checks are not possible here: using full connects, which applications see " +
  "(add --fallback error to fail instead)";

/**
 * Starts a checker, and warns on stderr if it fell back to full connects.
 *
 * @param options The options of the checker.
 * @returns The checker, which stops when it is disposed of.
 * @throws {Error} If it doesn't start.
 */
export async function startChecker(options: CheckerOptions): Promise<Checker> {
  const checker = await Checker.start(options);
  warnOfFallback(checker.engine, options);
  return checker;
}

/**
 * Warns on stderr if a checker fell back to full connects.
 *
 * @param engine The engine of the checker.
 * @param options The options of the checker, with the requested engine.
 */
export function warnOfFallback(engine: Checker["engine"], options: CheckerOptions): void {
  if (engine === "connect" && options.engine !== "connect") printError(FALLBACK_WARNING);
}

/**
 * Runs checks. Back-pressure: the next request is read when a check can start and the earlier results are written.
 *
 * @param requests The checks.
 * @param options The options of the checker, and of its checks.
 * @param signal Ends the run early, without an error.
 * @param onResult Called with each result.
 * @throws {Error} If the checker fails.
 */
export async function runChecks(
  requests: AsyncIterable<CheckRequest>,
  { checker: checkerOptions, options }: { readonly checker: CheckerOptions; readonly options: CheckAllOptions },
  signal: AbortSignal,
  onResult: (request: CheckRequest, result: CheckResult) => void,
): Promise<void> {
  if (signal.aborted) return;
  await using checker = await startChecker(checkerOptions);
  try {
    for await (const result of checker.checkAll(requests, { ...options, signal })) {
      // A result's target is the object that was passed in.
      onResult(result.target as CheckRequest, result);
      await untilWritable(signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
