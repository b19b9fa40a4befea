/** Checks of all targets, again and again. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { makeChecks } from "../checks.ts";
import type { Command } from "../command.ts";
import type { Request, Target } from "../targets/target.ts";
import { Schedule } from "./schedule.ts";

/**
 * Makes the checks of all rounds.
 *
 * @param targets The targets.
 * @param command How many rounds, how often, and how to check.
 * @param signal Ends it early.
 * @param take Takes the results; those of one target come in the order of its rounds.
 * @throws {Error} If the checker doesn't work.
 */
export async function checkInRounds(
  targets: readonly Target[],
  command: Command,
  signal: AbortSignal,
  take: (request: Request, result: CheckResult) => void,
): Promise<void> {
  const schedule = new Schedule(targets, command.rounds, command.interval);
  await makeChecks(schedule.requests(signal), command, signal, (request, result) => {
    schedule.ended(request);
    take(request, result);
  });
}
