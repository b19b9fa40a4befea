/** Rounds of checks, for the mode of `-i`. */

import { runChecks } from "../checks.ts";
import type { Command } from "../command_line/command.ts";
import { makeReport } from "../reports/formats.ts";
import type { Report } from "../reports/report.ts";
import type { Statistics } from "../statistics.ts";
import { Schedule } from "./schedule.ts";

/**
 * Creates the report of rounds.
 *
 * @param command The command.
 * @param statistics The statistics of each target.
 * @returns The report.
 */
export function roundsReport(command: Command, statistics: readonly Statistics[]): Report {
  return makeReport({
    command,
    samples: statistics.map(({ target }) => target),
    isAligned: statistics.length > 1,
    statistics,
    total: () => statistics.length * command.rounds,
    caveats: () => [],
  });
}

/**
 * Makes the checks of all rounds.
 *
 * @param command The number of rounds, the interval, and how to check.
 * @param statistics The statistics of each target, to which its results are added.
 * @param signal Ends the rounds early.
 * @param report Receives each result, after it is added to the statistics. Results of one target arrive in the order of its
 * rounds.
 * @throws {Error} If the checker fails.
 */
export async function checkInRounds(
  command: Command,
  statistics: readonly Statistics[],
  signal: AbortSignal,
  report: Report,
): Promise<void> {
  const byTarget = new Map(statistics.map((one) => [one.target, one]));
  const schedule = new Schedule([...byTarget.keys()], command.rounds, command.interval);
  await runChecks(schedule.requests(signal), command, signal, (request, result) => {
    schedule.complete(request);
    byTarget.get(request.target)!.add(result);
    report.add(request, result);
  });
}
