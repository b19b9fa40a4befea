/** Only what is new. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Status } from "../tally.ts";
import type { Request, Target } from "../targets/target.ts";
import type { Report } from "./report.ts";

/** Passes on the first result of each target, and then those with another status than the one before. */
export class Changes implements Report {
  readonly #report: Report;
  readonly #last = new Map<Target, Status>();

  /** @param report What they are passed on to. */
  constructor(report: Report) {
    this.#report = report;
  }

  take(request: Request, result: CheckResult): void {
    if (this.#last.get(request.target) === result.status) return;
    this.#last.set(request.target, result.status);
    this.#report.take(request, result);
  }

  end(): void {
    this.#report.end();
  }
}
