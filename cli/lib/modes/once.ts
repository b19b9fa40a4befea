/** Checks that are made once, or a number of times without a pause. */

import type { Command } from "../command.ts";
import { makeChecks } from "../checks.ts";
import { exitStatus } from "../exit_status.ts";
import { Columns } from "../reports/columns.ts";
import { Explanation } from "../reports/explain.ts";
import { formatReport } from "../reports/format.ts";
import { Lines, OrderedLines } from "../reports/lines.ts";
import { Nagios } from "../reports/nagios.ts";
import type { Report } from "../reports/report.ts";
import { Summary } from "../reports/summary.ts";
import { Tally } from "../tally.ts";
import { shuffled } from "../targets/shuffled.ts";
import { type Request, request, type Target } from "../targets/target.ts";
import type { Interruption } from "../interruption.ts";
import type { Targets } from "../targets/targets.ts";
import { Progress } from "../terminal/progress.ts";
import { UsageError } from "../usage_error.ts";

/**
 * Checks all targets: `check`, `summary` and `scan`.
 *
 * @param command What to do.
 * @param targets What to check.
 * @param interruption Ends it early.
 * @returns The exit status.
 */
export async function once(command: Command, targets: Targets, interruption: Interruption): Promise<number> {
  const { signal } = interruption;
  if (command.format === "explain" && targets.total !== 1) {
    throw new UsageError("Cannot use --explain with many targets: give one");
  }
  const plan = await interruption.unlessSignalled(makePlan(command, targets));
  const tally = new Tally();
  let started = 0;
  const total = () => plan.total ?? started;
  // Where the end of the targets is not known, or how many addresses each has, there may have been more.
  const expected = command.options.resolve === "all" ? undefined : plan.total;
  const doubts = (finished: number) => [
    ...interruption.reason !== undefined && finished < (expected ?? Infinity) ? [interruption.reason] : [],
    ...targets.skipped > 0 ? [`${targets.skipped} malformed line${targets.skipped === 1 ? "" : "s"} skipped`] : [],
  ];
  const report = chooseReport(command, targets, total, doubts);
  async function* requests(): AsyncGenerator<Request, void, void> {
    for await (const target of plan.targets) yield request(target, started++);
  }
  {
    using progress = new Progress(expected);
    await makeChecks(requests(), command, signal, (request, result) => {
      tally.add(result.status);
      report.take(request, result);
      progress.count();
    });
  }
  if (started === 0 && targets.skipped === 0 && !signal.aborted) throw noTargets();
  report.end();
  if (report instanceof Nagios) return report.exitStatus;
  return interruption.exitStatus ?? exitStatus(tally, command.minUp, targets.skipped);
}

/** What to say of files with nothing in them. */
export function noTargets(): UsageError {
  return new UsageError("No target given: the files have none");
}

/** What is going to be checked, in its order. */
interface Plan {
  readonly targets: AsyncIterable<Target> | Iterable<Target>;
  /** How many checks there will be, if that is known. */
  readonly total: number | undefined;
}

async function makePlan({ mode, rounds, seed }: Command, targets: Targets): Promise<Plan> {
  if (mode === "scan") {
    const sets = await Array.fromAsync(targets.sets());
    return { targets: shuffled(sets, seed), total: sets.reduce((sum, { size }) => sum + size, 0) };
  }
  if (rounds === 1) return { targets, total: targets.total };
  const all = await Array.fromAsync(targets);
  return { targets: repeated(all, rounds), total: all.length * rounds };
}

function* repeated(targets: readonly Target[], rounds: number): Generator<Target, void, void> {
  for (let i = 0; i < rounds; i++) yield* targets;
}

function chooseReport(
  command: Command,
  targets: Targets,
  total: () => number,
  doubts: (finished: number) => string[],
): Report {
  const { mode, format, verbose, options, minUp } = command;
  if (mode === "summary" && format !== "quiet") return new Summary({ total, verbose, json: format === "json" });
  const report = formatReport(format);
  if (report !== undefined) return report;
  if (format === "nagios") {
    return new Nagios({ minUp, timeout: options.timeout, eachAddress: options.resolve === "all", doubts });
  }
  if (format === "explain") return new Explanation();
  const columns = new Columns(targets.samples(), targets.total !== 1 || options.resolve === "all");
  // A random order is none; and which of the results of a target is the last one isn't told.
  return mode === "scan" || options.resolve === "all" ? new Lines(columns) : new OrderedLines(columns);
}
