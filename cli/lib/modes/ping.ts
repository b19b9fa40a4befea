/** The mode of `-i`: rounds of checks, and statistics at the end, like ping. */

import type { Command } from "../command_line/command.ts";
import { exitStatus } from "../exit_status.ts";
import { Statistics } from "../statistics.ts";
import { Tally } from "../tally.ts";
import type { Targets } from "../targets/targets.ts";
import type { TerminationSignals } from "../termination_signals.ts";
import { readTargets } from "./read_targets.ts";
import { checkInRounds, roundsReport } from "./rounds.ts";

/**
 * Checks all targets in rounds. A target counts as up if it was up in any round.
 *
 * @param command The command.
 * @param targets The targets.
 * @param termination Ends the run.
 * @returns The exit status.
 */
export async function ping(command: Command, targets: Targets, termination: TerminationSignals): Promise<number> {
  const all = await readTargets(targets, termination.signal);
  const statistics = all.map((target) => new Statistics(target));
  const report = roundsReport(command, statistics);
  await checkInRounds(command, statistics, termination.signal, report);
  report.end();
  const verdicts = statistics.flatMap(({ overall }) => overall ?? []);
  return termination.exitStatus ?? exitStatus(new Tally(verdicts), command.minUp, targets.skipped);
}
