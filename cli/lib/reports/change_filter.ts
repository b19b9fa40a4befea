/** A report filter that passes on only changes of status. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Status } from "../tally.ts";
import type { CheckRequest, Target } from "../target.ts";
import type { Report } from "./report.ts";

/** Passes on the first result of each target, and each result whose status differs from the previous one. */
export class ChangeFilter implements Report {
  readonly #report: Report;
  readonly #lastStatus = new Map<Target, Status>();

  /** @param report Receives the results. */
  constructor(report: Report) {
    this.#report = report;
  }

  add(request: CheckRequest, result: CheckResult): void {
    if (this.#lastStatus.get(request.target) === result.status) return;
    this.#lastStatus.set(request.target, result.status);
    this.#report.add(request, result);
  }

  end(): void {
    this.#report.end();
  }
}
