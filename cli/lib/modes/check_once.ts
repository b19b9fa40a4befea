/** The modes `check` and `summary`: each target is checked once, or several times without a pause. */

import { abortable } from "../abortable.ts";
import type { Command } from "../command_line/command.ts";
import { exitStatus } from "../exit_status.ts";
import { FORMATS, makeReport } from "../reports/formats.ts";
import type { Target } from "../target.ts";
import type { Targets } from "../targets/targets.ts";
import type { TerminationSignals } from "../termination_signals.ts";
import { UsageError } from "../usage_error.ts";
import { CheckRequests, checkTargets } from "./check_targets.ts";
import { noTargets } from "./read_targets.ts";

/**
 * Checks all targets.
 *
 * @param command The command.
 * @param targets The targets.
 * @param termination Ends the run early.
 * @returns The exit status.
 */
export async function checkOnce(command: Command, targets: Targets, termination: TerminationSignals): Promise<number> {
  const { signal } = termination;
  requireOneTarget(command, targets);
  const plan = await abortable(makePlan(command, targets), signal);
  const requests = new CheckRequests(plan.targets);
  const resolvesAll = command.options.resolve === "all";
  // The number of a name's addresses, and so of its results, is unknown.
  const expected = resolvesAll ? undefined : plan.total;
  const report = makeReport({
    command,
    samples: targets.samples(),
    isAligned: resolvesAll || targets.total !== 1,
    statistics: [],
    total: () => plan.total ?? requests.count,
    caveats: (results) => caveats(results, expected, targets.skipped, termination),
  });
  const tally = await checkTargets(requests, command, signal, report, expected);
  if (requests.count === 0 && targets.skipped === 0 && !signal.aborted) throw noTargets();
  report.end();
  return report.exitStatus ?? termination.exitStatus ?? exitStatus(tally, command.minUp, targets.skipped);
}

function requireOneTarget({ format }: Command, { total }: Targets): void {
  if (!FORMATS[format].eachAddress || total === 1) return;
  throw new UsageError(`--${format} works with one target${total === undefined ? "" : `, not ${total}`}: give one`);
}

/** The targets in the order of their checks, and the number of checks. */
interface Plan {
  readonly targets: AsyncIterable<Target> | Iterable<Target>;
  /** `undefined` while the end of a file is not read. */
  readonly total: number | undefined;
}

async function makePlan({ rounds }: Command, targets: Targets): Promise<Plan> {
  if (rounds === 1) return { targets, total: targets.total };
  const all = await Array.fromAsync(targets);
  return { targets: repeat(all, rounds), total: all.length * rounds };
}

function* repeat(targets: readonly Target[], rounds: number): Generator<Target, void, void> {
  for (let i = 0; i < rounds; i++) yield* targets;
}

/** Returns reasons why the results may be incomplete. */
function caveats(
  results: number,
  expected: number | undefined,
  skipped: number,
  { reason }: TerminationSignals,
): string[] {
  return [
    ...reason !== undefined && results < (expected ?? Infinity) ? [reason] : [],
    ...skipped > 0 ? [`${skipped} malformed line${skipped === 1 ? "" : "s"} skipped`] : [],
  ];
}
