/** Counts of checks and of random cases: fewer in `deno task test` than in `deno task test:all`. */

import { ALL_COUNTS } from "./variables.ts";

/**
 * Chooses a count.
 *
 * @param all The count of `deno task test:all`.
 * @param quick The count of `deno task test`.
 */
export function scaled(all: number, quick: number): number {
  return Deno.env.has(ALL_COUNTS) ? all : quick;
}
