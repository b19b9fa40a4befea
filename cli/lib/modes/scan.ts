/** The mode `scan`: each target is checked once, in random order, and excluded addresses get no SYN. */

import { setImmediate } from "node:timers/promises";
import type { AddressSet } from "@tcp-shaker/tcp-shaker/address-set";
import { abortable } from "../abortable.ts";
import type { Command } from "../command_line/command.ts";
import { readExclusions } from "../exclusions/read_exclusions.ts";
import { scanStatus } from "../exit_status.ts";
import { makeReport } from "../reports/formats.ts";
import type { Report } from "../reports/report.ts";
import { ScanSummary } from "../reports/scan_summary.ts";
import { StatusFilter } from "../reports/status_filter.ts";
import { shuffled } from "../targets/shuffled.ts";
import type { Target } from "../target.ts";
import type { TargetSet } from "../targets/target_set.ts";
import type { Targets } from "../targets/targets.ts";
import type { TerminationSignals } from "../termination_signals.ts";
import { CheckRequests, checkTargets } from "./check_targets.ts";
import { noTargets } from "./read_targets.ts";

/** Number of consecutive excluded targets after which the loop yields to other tasks. */
const MAX_RUN = 4096;

/**
 * Scans all targets.
 *
 * @param command The command.
 * @param targets The targets.
 * @param termination Ends the scan early.
 * @returns The exit status: 0 if all checks were made, whether or not the targets are up.
 */
export async function scan(command: Command, targets: Targets, termination: TerminationSignals): Promise<number> {
  const { signal } = termination;
  const sets = await abortable(Array.fromAsync(targets.sets()), signal);
  if (sets.length === 0 && targets.skipped === 0) throw noTargets();
  const exclusions = await abortable(readExclusions(command, signal), signal);
  const plan = new ScanPlan(sets, command.seed, exclusions);
  const report = scanReport(plan, command, targets);
  const tally = await checkTargets(
    plan.requests,
    withExclusions(command, exclusions),
    signal,
    report,
    expectedResults(plan, command, exclusions),
  );
  report.end();
  return termination.exitStatus ?? scanStatus(tally, command.minUp, targets.skipped);
}

/** The checks of a scan: all targets in random order, without the excluded addresses. */
class ScanPlan {
  readonly requests: CheckRequests;
  /** The number of targets, excluded ones included. */
  readonly size: number;
  /** The number of targets excluded so far. */
  excluded = 0;
  readonly #exclusions: AddressSet;

  constructor(sets: readonly TargetSet[], seed: number, exclusions: AddressSet) {
    this.size = sets.reduce((sum, { size }) => sum + size, 0);
    this.#exclusions = exclusions;
    this.requests = new CheckRequests(this.#included(shuffled(sets, seed)));
  }

  async *#included(targets: Iterable<Target>): AsyncGenerator<Target, void, void> {
    let run = 0;
    for (const target of targets) {
      // The addresses of a name are known only after the lookup, so the option `allow` excludes them.
      if (target.isName || !this.#exclusions.has(target.hostname)) {
        run = 0;
        yield target;
      } else {
        this.excluded++;
        if (++run % MAX_RUN === 0) await setImmediate();
      }
    }
  }
}

/** Returns the number of results; `undefined` if unknown, because of exclusions or names with several results. */
function expectedResults(plan: ScanPlan, { options }: Command, exclusions: AddressSet): number | undefined {
  return exclusions.isEmpty && options.resolve !== "all" ? plan.size : undefined;
}

function scanReport(plan: ScanPlan, command: Command, targets: Targets): Report {
  const { format, scan: { only }, options: { resolve } } = command;
  const results = makeReport({
    command,
    samples: targets.samples(),
    isAligned: resolve === "all" || targets.total !== 1,
    statistics: [],
    total: () => plan.size - plan.excluded,
    caveats: () => [],
  });
  const shown = only === undefined ? results : new StatusFilter(results, only);
  if (format === "quiet") return shown;
  return new ScanSummary(shown, {
    // The number of a name's addresses, and so of its results, is unknown.
    total: () => resolve === "all" ? undefined : plan.size - plan.excluded,
    excluded: () => plan.excluded,
    format: format === "json" ? "json" : "text",
  });
}

/** Excludes addresses right before their SYN, which covers the addresses of names, too. */
function withExclusions(command: Command, exclusions: AddressSet): Command {
  if (exclusions.isEmpty) return command;
  return { ...command, options: { ...command.options, allow: ({ hostname }) => !exclusions.has(hostname) } };
}
