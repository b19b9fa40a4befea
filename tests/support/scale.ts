/** Counts of checks and of random cases: fewer in `deno task test` than in `deno task test:all`. */

import { ALL_COUNTS } from "./variables.ts";

/**
 * Chooses a count.
 *
 * @param all The count that a test of all counts.
 * @param quick The count of the quick tests, which shows the same with less certainty.
 */
export function scaled(all: number, quick: number): number {
  return Deno.env.has(ALL_COUNTS) ? all : quick;
}
