/** Sparkline of a target: one mark per check. The scale is fixed, so that targets can be compared. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Glyphs } from "./glyphs.ts";

/** Number of marks per target, more than the width of most terminals. */
const KEPT = 120;
/** Upper bounds of the levels of round-trip times, in ms: two per decade. The highest level has no bound. */
const LIMITS = [0.3, 1, 3, 10, 30, 100, 300] as const;
/** Marks of checks that were not up. */
const FAILURES = { refused: "x", silent: ".", other: "!" } as const;
const FAILURE_CODES = { refused: LIMITS.length + 2, silent: LIMITS.length + 3, other: LIMITS.length + 4 } as const;

/** Sparkline of the last checks of one target. */
export class Sparkline {
  /** Codes of the checks, the newest last: 0 for none, 1 to 8 for the levels, above 8 for failures. */
  readonly #codes = new Uint8Array(KEPT);

  /** Adds a check. */
  add(result: CheckResult): void {
    this.#codes.copyWithin(0, 1);
    this.#codes[KEPT - 1] = codeOf(result);
  }

  /**
   * Formats the last checks.
   *
   * @param width The number of checks.
   * @param glyphs The characters.
   * @returns One character per check, the newest last.
   */
  text(width: number, { bars }: Glyphs): string {
    const marks = ["", ...bars, FAILURES.refused, FAILURES.silent, FAILURES.other];
    return Array.from(this.#codes.subarray(Math.max(KEPT - width, 0)), (code) => marks[code]).join("");
  }
}

/** Explains the marks on one line. */
export function legend({ bars }: Glyphs): string {
  const levels = LIMITS.map((limit, i) => `${bars[i]}<${limit}`);
  const { refused, silent, other } = FAILURES;
  const failures = `${refused} refused  ${silent} no answer  ${other} other`;
  return `${failures}  ms: ${levels.join(" ")} ${bars.at(-1)} more`;
}

function codeOf(result: CheckResult): number {
  switch (result.status) {
    case "up":
      return 1 + LIMITS.filter((limit) => result.rtt >= limit).length;
    case "refused":
      return FAILURE_CODES.refused;
    case "timeout":
      return FAILURE_CODES.silent;
    default:
      return FAILURE_CODES.other;
  }
}
