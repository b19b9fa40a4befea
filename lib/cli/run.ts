/** The checks themselves. */

import { Checker } from "../../mod.ts";
import type { Command, Target } from "./command.ts";
import type { Report } from "./report.ts";

/**
 * Checks all targets.
 *
 * @param command What to check, and how.
 * @param report Takes the results.
 * @param signal Ends it early.
 * @throws The signal's reason; or an error if the checker doesn't work.
 */
export async function run(command: Command, report: Report, signal: AbortSignal): Promise<void> {
  const { timeout, concurrency } = command;
  await using checker = new Checker();
  // Whatever ends the loop fails the start or the checks as well, and is reported there.
  checker.checkingLoop().catch(() => {});
  await checker.waitReady();
  for await (const result of checker.checkAll(rounds(command), { timeout, concurrency, signal })) {
    // A result has the very object that was given.
    report.take(result.target as Target, result);
  }
}

function* rounds({ targets, requests }: Command): Generator<Target, void, void> {
  for (let i = 0; i < requests; i++) yield* targets;
}
