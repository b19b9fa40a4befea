/** A summary of all checks, in the format of tcp-shaker for Go. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { print, printError } from "../output.ts";
import { Tally } from "../tally.ts";
import type { CheckRequest } from "../target.ts";
import { durationText, GAP, isFullConnect, resultColumns } from "../text.ts";
import { milliseconds, SCHEMA } from "./record.ts";
import type { Report } from "./report.ts";

/** Options of a summary. */
export interface SummaryOptions {
  /** Returns the number of checks of the run. */
  readonly total: () => number;
  /** Whether to print each failed check to stderr. */
  readonly verbose: boolean;
  /** Whether to print a JSON object. */
  readonly json: boolean;
}

/** Counts results, and prints the counts at the end. */
export class SummaryReport implements Report {
  readonly #startedAt = performance.now();
  readonly #tally = new Tally();
  readonly #options: SummaryOptions;
  /** The engines that made checks. */
  readonly #engines = new Set<CheckResult["engine"]>();
  #fullConnects = 0;

  /** @param options The options. */
  constructor(options: SummaryOptions) {
    this.#options = options;
  }

  add({ target }: CheckRequest, result: CheckResult): void {
    this.#tally.add(result);
    this.#engines.add(result.engine);
    if (isFullConnect(result)) this.#fullConnects++;
    if (this.#options.verbose && result.status !== "up") {
      printError([target.text, ...resultColumns(target, result)].join(GAP));
    }
  }

  end(): void {
    const { total, json } = this.#options;
    const duration = performance.now() - this.#startedAt;
    if (json) return print(summaryJson(this.#tally, total(), duration, this.#engines));
    const fullConnects = this.#fullConnects === 0 ? "" : `\n  Full connects: ${this.#fullConnects}`;
    print(summaryText(this.#tally, total(), duration) + fullConnects);
  }
}

/** Formats the summary like tcp-shaker for Go, with its "connect" errors split into refused and unreachable. */
function summaryText({ total: finished, counts }: Tally, total: number, duration: number): string {
  const { up, refused, unreachable, timeout, unresolved, "local-error": localError } = counts;
  return `Finished ${finished}/${total} checks in ${durationText(duration)}\n` +
    `  Succeed: ${up}\n` +
    `  Errors: refused ${refused}, unreachable ${unreachable}, timeout ${timeout}, other ${unresolved + localError}`;
}

function summaryJson(
  { total: finished, counts }: Tally,
  total: number,
  duration: number,
  engines: ReadonlySet<CheckResult["engine"]>,
): string {
  const [engine] = engines.size === 1 ? engines : [];
  // Always 0, because only `scan` denies addresses.
  const { denied: _, ...shown } = counts;
  const record = { total, finished, ...shown, engine, duration_ms: milliseconds(duration) };
  return JSON.stringify({ schema: SCHEMA, type: "summary", ...record });
}
