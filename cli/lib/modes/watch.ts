/** Rounds, shown as a live table. */

import type { Command } from "../command.ts";
import { exitStatus } from "../exit_status.ts";
import { Changes } from "../reports/changes.ts";
import { Columns } from "../reports/columns.ts";
import { formatReport } from "../reports/format.ts";
import { Lines } from "../reports/lines.ts";
import type { Report } from "../reports/report.ts";
import { Tally } from "../tally.ts";
import type { Target } from "../targets/target.ts";
import type { Interruption } from "../interruption.ts";
import type { Targets } from "../targets/targets.ts";
import { isCapable } from "../terminal/capable.ts";
import { LiveTable } from "../terminal/live_table.ts";
import { Row } from "../terminal/row.ts";
import { noTargets } from "./once.ts";
import { checkInRounds } from "./rounds.ts";

/**
 * Checks all targets in rounds, and shows how they are: in a table on a terminal, else by a line a change.
 *
 * @param command What to do.
 * @param targets What to check.
 * @param interruption Ends it early.
 * @returns The exit status.
 */
export async function watch(command: Command, targets: Targets, interruption: Interruption): Promise<number> {
  const { signal } = interruption;
  const all = await interruption.unlessSignalled(Array.fromAsync(targets));
  if (all.length === 0) throw noTargets();
  const rows = new Map(all.map((target) => [target, new Row(target)]));
  const report = chooseReport(command, rows);
  try {
    await checkInRounds(all, command, signal, (request, result) => {
      rows.get(request.target)!.add(result, performance.now());
      report.take(request, result);
    });
  } finally {
    report.end();
  }
  const statuses = [...rows.values()].flatMap(({ status }) => status ?? []);
  return interruption.exitStatus ?? exitStatus(new Tally(statuses), command.minUp, targets.skipped);
}

function chooseReport({ format, sort }: Command, rows: ReadonlyMap<Target, Row>): Report {
  const report = formatReport(format);
  if (report === undefined && isCapable.stdout) return new LiveTable([...rows.values()], sort);
  const columns = new Columns([...rows.keys()], rows.size > 1);
  return new Changes(report ?? new Lines(columns, () => `${new Date().toISOString()}  `));
}
