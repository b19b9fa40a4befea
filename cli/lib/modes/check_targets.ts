/** One run over the targets, for the modes `check`, `summary` and `scan`. */

import { runChecks } from "../checks.ts";
import type { Command } from "../command_line/command.ts";
import type { Report } from "../reports/report.ts";
import { Tally } from "../tally.ts";
import { type CheckRequest, checkRequest, type Target } from "../target.ts";
import { Progress } from "../terminal/progress.ts";

/** Check requests, numbered from 0. `count` is the number started. */
export class CheckRequests {
  readonly #targets: AsyncIterable<Target> | Iterable<Target>;
  #count = 0;

  /** @param targets The targets, in the order of their checks. */
  constructor(targets: AsyncIterable<Target> | Iterable<Target>) {
    this.#targets = targets;
  }

  /** Number of checks started. */
  get count(): number {
    return this.#count;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<CheckRequest, void, void> {
    for await (const target of this.#targets) yield checkRequest(target, this.#count++);
  }
}

/**
 * Makes the checks, reports their results, and shows the progress.
 *
 * @param requests The checks.
 * @param command How to make them.
 * @param signal Ends them early, without an error.
 * @param report Gets each result.
 * @param expected The number of results; `undefined` if unknown.
 * @returns The counts of the results.
 * @throws {Error} If the checker fails.
 */
export async function checkTargets(
  requests: CheckRequests,
  command: Command,
  signal: AbortSignal,
  report: Report,
  expected: number | undefined,
): Promise<Tally> {
  const tally = new Tally();
  using progress = new Progress(expected);
  await runChecks(requests, command, signal, (request, result) => {
    tally.add(result);
    report.add(request, result);
    progress.increment();
  });
  return tally;
}
