/** Rounds, and statistics at the end, as ping has them. */

import type { Command } from "../command.ts";
import { exitStatus } from "../exit_status.ts";
import { formatReport } from "../reports/format.ts";
import { PingJson, PingLines } from "../reports/ping.ts";
import type { Report } from "../reports/report.ts";
import { Statistics } from "../statistics.ts";
import { Tally } from "../tally.ts";
import type { Target } from "../targets/target.ts";
import type { Interruption } from "../interruption.ts";
import type { Targets } from "../targets/targets.ts";
import { noTargets } from "./once.ts";
import { checkInRounds } from "./rounds.ts";

/**
 * Checks all targets in rounds.
 *
 * @param command What to do.
 * @param targets What to check.
 * @param interruption Ends it early.
 * @returns The exit status.
 */
export async function ping(command: Command, targets: Targets, interruption: Interruption): Promise<number> {
  const { signal } = interruption;
  const all = await interruption.unlessSignalled(Array.fromAsync(targets));
  if (all.length === 0) throw noTargets();
  const statistics = new Map(all.map((target) => [target, new Statistics()]));
  const report = chooseReport(command, statistics);
  await checkInRounds(all, command, signal, (request, result) => {
    statistics.get(request.target)!.add(result);
    report.take(request, result);
  });
  report.end();
  const statuses = [...statistics.values()].flatMap(({ status }) => status ?? []);
  return interruption.exitStatus ?? exitStatus(new Tally(statuses), command.minUp, targets.skipped);
}

function chooseReport({ format }: Command, statistics: ReadonlyMap<Target, Statistics>): Report {
  if (format === "json") return new PingJson(statistics);
  return formatReport(format) ?? new PingLines(statistics);
}
