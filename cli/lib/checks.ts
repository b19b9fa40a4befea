/** Runs checks on the library's checker. */

import { Checker, type CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Command } from "./command.ts";
import { printError, untilWritable } from "./output.ts";
import type { CheckRequest } from "./targets/target.ts";

const FALLBACK_WARNING =
  "tcp-checker: Half-open checks are not possible here: using full connects, which applications see " +
  "(add --fallback error to fail instead)";

/**
 * Starts a checker, and warns on stderr if it fell back to full connects.
 *
 * @param command The command, with the options of the checker.
 * @returns The checker, which stops when it is disposed of.
 * @throws {Error} If it doesn't start.
 */
export async function startChecker(command: Command): Promise<Checker> {
  const checker = await Checker.start(command.checker);
  warnOfFallback(checker.engine, command);
  return checker;
}

/**
 * Warns on stderr if a checker fell back to full connects.
 *
 * @param engine The engine of the checker.
 * @param command The command, with the requested engine.
 */
export function warnOfFallback(engine: Checker["engine"], { checker }: Command): void {
  if (engine === "connect" && checker.engine !== "connect") printError(FALLBACK_WARNING);
}

/**
 * Runs checks. Back-pressure: the next request is read when a check can start and the earlier results are written.
 *
 * @param requests The checks.
 * @param command How to make them.
 * @param signal Ends the run early, without an error.
 * @param onResult Called with each result.
 * @throws {Error} If the checker fails.
 */
export async function runChecks(
  requests: AsyncIterable<CheckRequest>,
  command: Command,
  signal: AbortSignal,
  onResult: (request: CheckRequest, result: CheckResult) => void,
): Promise<void> {
  if (signal.aborted) return;
  await using checker = await startChecker(command);
  try {
    for await (const result of checker.checkAll(requests, { ...command.options, signal })) {
      // A result's target is the object that was passed in.
      onResult(result.target as CheckRequest, result);
      await untilWritable(signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
