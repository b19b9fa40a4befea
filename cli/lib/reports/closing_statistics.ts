/** The statistics after the results of `-i`. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { print } from "../output.ts";
import type { Statistics } from "../statistics.ts";
import type { CheckRequest } from "../target.ts";
import { percentText } from "../text.ts";
import { milliseconds, SCHEMA } from "./record.ts";
import type { Report } from "./report.ts";

/** Passes results on to a report, and prints the statistics of each target at the end. */
export class ClosingStatistics implements Report {
  readonly #report: Report;
  readonly #statistics: readonly Statistics[];
  readonly #format: (statistics: Statistics) => string;

  /**
   * @param report Receives the results.
   * @param statistics The statistics of each target.
   * @param format Formats them.
   */
  constructor(report: Report, statistics: readonly Statistics[], format: (statistics: Statistics) => string) {
    this.#report = report;
    this.#statistics = statistics;
    this.#format = format;
  }

  add(request: CheckRequest, result: CheckResult): void {
    this.#report.add(request, result);
  }

  end(): void {
    this.#report.end();
    for (const statistics of this.#statistics) print(this.#format(statistics));
  }
}

/** Formats statistics like ping, after an empty line. */
export function statisticsText(statistics: Statistics): string {
  const { target, checks, up, loss } = statistics;
  const counts = `\n--- ${target.text} statistics ---\n${checks} sent, ${up} up, ${percentText(loss)} loss`;
  const roundTrips = statistics.roundTrips();
  if (roundTrips === undefined) return counts;
  const { min, avg, p50, p99, max } = roundTrips;
  const times = [min, avg, p50, p99, max].map((time) => time.toFixed(3));
  return `${counts}\nrtt min/avg/p50/p99/max = ${times.join("/")} ms`;
}

/** Formats statistics as a JSON object of type `statistics`. */
export function statisticsJson(statistics: Statistics): string {
  const { target, checks, up, loss } = statistics;
  const roundTrips = Object.entries(statistics.roundTrips() ?? {});
  const times = Object.fromEntries(roundTrips.map(([name, time]) => [`rtt_${name}_ms`, milliseconds(time)]));
  const record = { target: target.text, sent: checks, up, loss: Number(loss.toFixed(6)), ...times };
  return JSON.stringify({ schema: SCHEMA, type: "statistics", ...record });
}
