/** History of a target: one mark per check, on a scale that all targets share and that never changes. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Glyphs } from "./glyphs.ts";

/** Marks that are kept per target, at one byte each: more than most terminals have room for. */
const KEPT = 120;
/** Upper limits of the levels of round-trip times, in ms: two per decade. The last level has none. */
const LIMITS = [0.3, 1, 3, 10, 30, 100, 300] as const;
/** Letters and signs for checks that were not up, unlike any bar. */
const FAILURES = { refused: "x", silent: ".", other: "!" } as const;
const FAILURE_CODES = { refused: LIMITS.length + 2, silent: LIMITS.length + 3, other: LIMITS.length + 4 } as const;

/** The last checks of a target. */
export class History {
  /** The newest last; 0 is no check, 1 to 8 are levels, then follow failures. */
  readonly #codes = new Uint8Array(KEPT);

  /** Adds a check. */
  add(result: CheckResult): void {
    this.#codes.copyWithin(0, 1);
    this.#codes[KEPT - 1] = codeOf(result);
  }

  /**
   * Formats the last checks.
   *
   * @param width How many.
   * @param glyphs The characters.
   * @returns One character per check, the newest last.
   */
  text(width: number, { bars }: Glyphs): string {
    const marks = ["", ...bars, FAILURES.refused, FAILURES.silent, FAILURES.other];
    return Array.from(this.#codes.subarray(Math.max(KEPT - width, 0)), (code) => marks[code]).join("");
  }
}

/** The meaning of the marks, on one line. */
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
