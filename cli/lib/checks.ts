/** The checks themselves. */

import { Checker, type CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Command } from "./command.ts";
import { complain, room } from "./output.ts";
import type { Request } from "./targets/target.ts";

/**
 * Starts a checker. Warns if it makes full connects that were not asked for.
 *
 * @param command What it is to be.
 * @returns The checker, which stops when it is disposed of.
 * @throws {Error} If it doesn't start.
 */
export async function startChecker({ checker: options }: Command): Promise<Checker> {
  const checker = await Checker.start(options);
  if (checker.engine === "connect" && options.engine !== "connect") complain(FULL_CONNECTS);
  return checker;
}

const FULL_CONNECTS =
  "tcp-checker: Half-open checks are not possible here, full connects take their place: applications " +
  "notice them (--fallback error prevents that)";

/**
 * Makes checks.
 *
 * @param requests The checks; they are taken as fast as they can be made, and what is printed of them is taken.
 * @param command How to make them.
 * @param signal Ends it early.
 * @param take Takes the results.
 * @throws {Error} If the checker doesn't work.
 */
export async function makeChecks(
  requests: AsyncIterable<Request>,
  command: Command,
  signal: AbortSignal,
  take: (request: Request, result: CheckResult) => void,
): Promise<void> {
  if (signal.aborted) return;
  const { options } = command;
  await using checker = await startChecker(command);
  try {
    for await (const result of checker.checkAll(requests, { ...options, signal })) {
      // A result has the very object that was given.
      take(result.target as Request, result);
      await room(signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
