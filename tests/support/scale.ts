/** Counts of checks and of random cases: fewer in `deno task test` than in `deno task test:all`. */

/** The variable that `deno task test:all` and `deno task mutants` set. */
export const ALL_COUNTS = "TCP_SHAKER_ALL_COUNTS";

/**
 * Chooses a count.
 *
 * @param all The count that a test of all counts.
 * @param quick The count of the quick tests, which shows the same with less certainty.
 */
export function scaled(all: number, quick: number): number {
  return Deno.env.has(ALL_COUNTS) ? all : quick;
}
