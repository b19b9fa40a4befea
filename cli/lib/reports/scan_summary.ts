/** The summary of a scan. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { print, printError } from "../output.ts";
import { STATUSES, Tally } from "../tally.ts";
import type { CheckRequest } from "../target.ts";
import { durationText, isFullConnect } from "../text.ts";
import { milliseconds, SCHEMA } from "./record.ts";
import type { Report } from "./report.ts";

/** Options of the summary. */
export interface ScanSummaryOptions {
  /** Returns the number of checks; `undefined` if unknown. */
  readonly total: () => number | undefined;
  /** Returns the number of excluded targets. */
  readonly excluded: () => number;
  /** `json` prints an object to stdout; `text` prints a line to stderr, so that stdout has only results. */
  readonly format: "json" | "text";
}

/** Passes results on to a report, and prints their counts, the time and the rate at the end. */
export class ScanSummary implements Report {
  readonly #startedAt = performance.now();
  readonly #report: Report;
  readonly #options: ScanSummaryOptions;
  readonly #tally = new Tally();
  readonly #engines = new Set<CheckResult["engine"]>();
  #fullConnects = 0;

  /**
   * @param report Receives the results that are printed.
   * @param options The options.
   */
  constructor(report: Report, options: ScanSummaryOptions) {
    this.#report = report;
    this.#options = options;
  }

  add(request: CheckRequest, result: CheckResult): void {
    this.#tally.add(result);
    this.#engines.add(result.engine);
    if (isFullConnect(result)) this.#fullConnects++;
    this.#report.add(request, result);
  }

  end(): void {
    this.#report.end();
    const duration = performance.now() - this.#startedAt;
    if (this.#options.format === "json") print(this.#json(duration));
    else printError(this.#text(duration));
  }

  #text(duration: number): string {
    const { counts, total: finished } = this.#tally;
    const total = this.#options.total();
    const excluded = this.#options.excluded();
    const parts = [
      ...STATUSES.filter((status) => counts[status] > 0 || status === "up").map((status) =>
        `${status} ${counts[status]}`
      ),
      ...this.#fullConnects > 0 ? [`full connects ${this.#fullConnects}`] : [],
      ...excluded > 0 ? [`excluded ${excluded}`] : [],
    ];
    const share = total === undefined ? `${finished}` : `${finished}/${total}`;
    const rate = Math.round(finished / duration * 1000);
    return `Finished ${share} checks in ${durationText(duration)}, ${rate}/s: ${parts.join(", ")}`;
  }

  #json(duration: number): string {
    const { counts, total: finished } = this.#tally;
    const [engine] = this.#engines.size === 1 ? this.#engines : [];
    const total = this.#options.total() ?? finished;
    const record = { total, finished, ...counts, excluded: this.#options.excluded(), engine };
    return JSON.stringify({ schema: SCHEMA, type: "summary", ...record, duration_ms: milliseconds(duration) });
  }
}
