/** A report filter that passes on only results of some statuses. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Status } from "../tally.ts";
import type { CheckRequest } from "../target.ts";
import type { Report } from "./report.ts";

/** Passes on results with a wanted status. */
export class StatusFilter implements Report {
  readonly #report: Report;
  readonly #wanted: ReadonlySet<Status>;

  /**
   * @param report Receives the results.
   * @param wanted The wanted statuses.
   */
  constructor(report: Report, wanted: Iterable<Status>) {
    this.#report = report;
    this.#wanted = new Set(wanted);
  }

  add(request: CheckRequest, result: CheckResult): void {
    if (this.#wanted.has(result.status)) this.#report.add(request, result);
  }

  end(): void {
    this.#report.end();
  }
}
