/** Late answers: a machine that leaves the engine's thread without CPU for 190 ms lets ACKs out. */

import type { CheckResult } from "../../mod.ts";

/** The time in ms for which the kernel surely holds an ACK back: `TCP_DELACK_MAX` less a jiffy. */
export const HELD_BACK_MS = 190;

/**
 * Counts the half-open checks whose ACK may have left because the RST was late. An ACK that left for any other reason is
 * a fault of the engine.
 */
export function countLate(results: readonly CheckResult[]): number {
  const full = results.filter(({ mode }) => mode === "full");
  const early = full.find(({ duration }) => duration < HELD_BACK_MS);
  if (early !== undefined) throw new Error(`An ACK has left although the RST was not late: ${Deno.inspect(early)}`);
  return full.length;
}
