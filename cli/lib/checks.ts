/** The checks themselves. */

import { Checker, type CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Command } from "./command.ts";
import { room } from "./output.ts";
import type { Request } from "./targets/target.ts";

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
  await using checker = await Checker.start(command.checker);
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
