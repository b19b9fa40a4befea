/** A line a result. */

import type { CheckResult } from "../../../mod.ts";
import { print } from "../output.ts";
import type { Request, Target } from "../targets/target.ts";
import { coloured } from "../terminal/colour.ts";
import { GAP, resultColumns } from "../text.ts";
import type { Report } from "./report.ts";
import { Sequence } from "./sequence.ts";

/** The longest statuses have as many letters. */
const STATUS_WIDTH = "unreachable".length;

/** Aligns the columns of lines. */
export class Columns {
  readonly #aligned: boolean;
  #width: number;

  /** @param samples Targets to make room for. A line on its own has nothing to be aligned with. */
  constructor(samples: readonly Target[], aligned: boolean) {
    this.#width = samples.reduce((width, { text }) => Math.max(width, text.length), 0);
    this.#aligned = aligned;
  }

  /** Writes a line. */
  line({ target }: Request, result: CheckResult): string {
    const [status, ...details] = resultColumns(target, result);
    if (!this.#aligned) return [target.text, coloured(result.status, status), ...details].join(GAP);
    this.#width = Math.max(this.#width, target.text.length);
    const paddedStatus = coloured(result.status, status.padEnd(STATUS_WIDTH));
    return [target.text.padEnd(this.#width), paddedStatus, ...details].join(GAP);
  }
}

/** Prints lines in the order of the targets, each as soon as those before it are printed. */
export class OrderedLines implements Report {
  readonly #columns: Columns;
  readonly #sequence = new Sequence();

  constructor(columns: Columns) {
    this.#columns = columns;
  }

  take(request: Request, result: CheckResult): void {
    this.#sequence.put(request.number, this.#columns.line(request, result));
  }

  end(): void {
    this.#sequence.end();
  }
}

/** Prints lines as they come. */
export class Lines implements Report {
  readonly #columns: Columns;
  readonly #prefix: (request: Request) => string;

  /**
   * @param columns Aligns them.
   * @param prefix What each starts with.
   */
  constructor(columns: Columns, prefix: (request: Request) => string = () => "") {
    this.#columns = columns;
    this.#prefix = prefix;
  }

  take(request: Request, result: CheckResult): void {
    print(this.#prefix(request) + this.#columns.line(request, result));
  }

  end(): void {}
}
