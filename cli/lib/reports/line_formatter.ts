/** Formats a result as a line of aligned columns. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { CheckRequest, Target } from "../target.ts";
import { coloured } from "../terminal/colour.ts";
import { GAP, resultColumns } from "../text.ts";

const LONGEST_STATUS = "unreachable".length;

/** Formats results as lines with aligned columns. */
export class LineFormatter {
  readonly #isAligned: boolean;
  #targetWidth: number;

  /**
   * @param samples Targets that set the width of the first column. A wider target widens it for later lines.
   * @param isAligned Whether to align. A single line is shorter without.
   */
  constructor(samples: readonly Target[], isAligned: boolean) {
    this.#targetWidth = samples.reduce((width, { text }) => Math.max(width, text.length), 0);
    this.#isAligned = isAligned;
  }

  /** Formats a result. */
  format({ target }: CheckRequest, result: CheckResult): string {
    const [status, ...details] = resultColumns(target, result);
    if (!this.#isAligned) return [target.text, coloured(result.status, status), ...details].join(GAP);
    this.#targetWidth = Math.max(this.#targetWidth, target.text.length);
    const paddedStatus = coloured(result.status, status.padEnd(LONGEST_STATUS));
    return [target.text.padEnd(this.#targetWidth), paddedStatus, ...details].join(GAP);
  }
}
