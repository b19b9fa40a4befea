/** One summary of all checks: tcp-shaker's. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { complain, print } from "../output.ts";
import { Tally } from "../tally.ts";
import type { Request } from "../targets/target.ts";
import { durationText, GAP, isFullConnect, resultColumns } from "../text.ts";
import { milliseconds, SCHEMA } from "./record.ts";
import type { Report } from "./report.ts";

/** What a summary is told of the run. */
export interface SummaryOptions {
  /** Says how many checks there are. */
  readonly total: () => number;
  /** Whether to tell of each failed check, on stderr. */
  readonly verbose: boolean;
  /** Whether to print an object. */
  readonly json: boolean;
}

/** Counts, and prints the counts at the end. */
export class Summary implements Report {
  readonly #startedAt = performance.now();
  readonly #tally = new Tally();
  readonly #options: SummaryOptions;
  /** What made the checks: one as a rule. */
  readonly #engines = new Set<CheckResult["engine"]>();
  /** How many completed a handshake. */
  #full = 0;

  constructor(options: SummaryOptions) {
    this.#options = options;
  }

  take({ target }: Request, result: CheckResult): void {
    this.#tally.add(result.status);
    this.#engines.add(result.engine);
    if (isFullConnect(result)) this.#full++;
    if (this.#options.verbose && result.status !== "up") {
      complain([target.text, ...resultColumns(target, result)].join(GAP));
    }
  }

  end(): void {
    const { total, json } = this.#options;
    const duration = performance.now() - this.#startedAt;
    if (json) return print(summaryObject(this.#tally, total(), duration, this.#engines));
    print(summaryText(this.#tally, total(), duration) + (this.#full === 0 ? "" : `\n  Full connects: ${this.#full}`));
  }
}

/** The layout is that of tcp-shaker in Go, whose "connect" is refused and unreachable here: it is an engine's name. */
function summaryText({ total: finished, counts }: Tally, total: number, duration: number): string {
  const { up, refused, unreachable, timeout, unresolved, "local-error": localError } = counts;
  return `Finished ${finished}/${total} checks in ${durationText(duration)}\n` +
    `  Succeed: ${up}\n` +
    `  Errors: refused ${refused}, unreachable ${unreachable}, timeout ${timeout}, other ${unresolved + localError}`;
}

function summaryObject(
  { total: finished, counts }: Tally,
  total: number,
  duration: number,
  engines: ReadonlySet<CheckResult["engine"]>,
): string {
  const [engine] = engines.size === 1 ? engines : [];
  // The command denies no address.
  const { denied: _, ...shown } = counts;
  const record = { total, finished, ...shown, engine, duration_ms: milliseconds(duration) };
  return JSON.stringify({ schema: SCHEMA, type: "summary", ...record });
}
