/** The mode `watch`: rounds of checks, shown as a live table. */

import type { Command } from "../command.ts";
import { exitStatus } from "../exit_status.ts";
import { Statistics } from "../statistics.ts";
import { Tally } from "../tally.ts";
import type { Targets } from "../targets/targets.ts";
import type { TerminationSignals } from "../termination_signals.ts";
import { readTargets } from "./read_targets.ts";
import { checkInRounds, roundsReport } from "./rounds.ts";

/** Round-trip times that are kept per target: the width of the table's history. */
const HISTORY_LENGTH = 20;

/**
 * Checks all targets in rounds, and shows their last results: as a table on a terminal, else one line per change. A
 * target counts as up if its last check found it up.
 *
 * @param command The command.
 * @param targets The targets.
 * @param termination Ends the run.
 * @returns The exit status.
 */
export async function watch(command: Command, targets: Targets, termination: TerminationSignals): Promise<number> {
  const all = await readTargets(targets, termination.signal);
  const statistics = all.map((target) => new Statistics(target, HISTORY_LENGTH));
  const report = roundsReport(command, statistics);
  try {
    await checkInRounds(statistics, command, termination.signal, report);
  } finally {
    // The table holds a timer.
    report.end();
  }
  const statuses = statistics.flatMap(({ lastStatus }) => lastStatus ?? []);
  return termination.exitStatus ?? exitStatus(new Tally(statuses), command.minUp, targets.skipped);
}
