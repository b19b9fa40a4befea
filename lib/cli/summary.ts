/** One summary of all checks. */

import type { CheckResult } from "../../mod.ts";
import type { Command, Target } from "./command.ts";
import { print } from "./output.ts";
import type { Report } from "./report.ts";
import { durationText, GAP, resultColumns } from "./text.ts";

/** What each status counts as: the kinds of errors are those of tcp-shaker in Go. */
const COUNTED_AS = {
  "up": "succeed",
  "refused": "connect",
  "unreachable": "connect",
  "timeout": "timeout",
  "unresolved": "other",
  "local-error": "other",
} as const satisfies Record<CheckResult["status"], string>;

/** Counts, and prints the counts at the end. */
export class Summary implements Report {
  readonly #startedAt = performance.now();
  readonly #total: number;
  readonly #verbose: boolean;
  readonly #counts = { succeed: 0, connect: 0, timeout: 0, other: 0 };
  #finished = 0;
  /** How many were not half-open. */
  #full = 0;

  constructor({ targets, requests, verbose }: Command) {
    this.#total = targets.length * requests;
    this.#verbose = verbose;
  }

  get allUp(): boolean {
    return this.#counts.succeed === this.#finished;
  }

  take(target: Target, result: CheckResult): void {
    this.#finished++;
    if (result.mode === "full") this.#full++;
    this.#counts[COUNTED_AS[result.status]]++;
    if (this.#verbose && result.status !== "up") {
      console.error([target.text, ...resultColumns(target, result)].join(GAP));
    }
  }

  end(): void {
    const { succeed, connect, timeout, other } = this.#counts;
    const duration = durationText(performance.now() - this.#startedAt);
    print(
      `Finished ${this.#finished}/${this.#total} checks in ${duration}\n` +
        `  Succeed: ${succeed}\n` +
        `  Errors: connect ${connect}, timeout ${timeout}, other ${other}` +
        (this.#full === 0 ? "" : `\n  Full connects: ${this.#full}`),
    );
  }
}
