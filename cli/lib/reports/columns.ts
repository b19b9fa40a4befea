/** What all lines have in common. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Request, Target } from "../targets/target.ts";
import { coloured } from "../terminal/colour.ts";
import { GAP, resultColumns } from "../text.ts";

/** The longest statuses have as many letters. */
const STATUS_WIDTH = "unreachable".length;

/** Aligns the columns of lines. */
export class Columns {
  readonly #aligned: boolean;
  #width: number;

  /**
   * @param samples Targets to make room for.
   * @param aligned Whether to align at all: a line on its own has nothing to be aligned with.
   */
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
