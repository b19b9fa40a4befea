/** A line for each target. */

import type { CheckResult } from "../../mod.ts";
import type { Target } from "./command.ts";
import { print } from "./output.ts";
import type { Report } from "./report.ts";
import { GAP, resultColumns } from "./text.ts";

/** The longest statuses have as many letters. */
const STATUS_WIDTH = "unreachable".length;

/** Prints lines in the order of the targets, each as soon as those before it are printed. */
export class Lines implements Report {
  readonly #targets: readonly Target[];
  /** The widths of all columns but the last, as far as they can be known before the results are. */
  readonly #widths: readonly number[];
  readonly #waiting = new Map<Target, string>();
  #next = 0;
  allUp = true;

  constructor(targets: readonly Target[]) {
    this.#targets = targets;
    // A line on its own has nothing to be aligned with.
    this.#widths = targets.length === 1 ? [] : [longest(targets), STATUS_WIDTH];
  }

  take(target: Target, result: CheckResult): void {
    if (result.status !== "up") this.allUp = false;
    const columns = [target.text, ...resultColumns(target, result)];
    this.#waiting.set(target, columns.map((text, i) => text.padEnd(this.#widths[i] ?? 0)).join(GAP));
    while (this.#waiting.has(this.#targets[this.#next])) this.#print(this.#targets[this.#next++]);
  }

  end(): void {
    for (const target of this.#targets.slice(this.#next)) if (this.#waiting.has(target)) this.#print(target);
  }

  #print(target: Target): void {
    print(this.#waiting.get(target)!);
    this.#waiting.delete(target);
  }
}

function longest(targets: readonly Target[]): number {
  return targets.reduce((width, { text }) => Math.max(width, text.length), 0);
}
