/** Cooperative slices of long work, so that timers and I/O run in between. */

/** Duration of a slice in ms, by which it may delay due checks. */
const SLICE = 5;
/** Steps between two readings of the clock, which takes half as long as a step. */
const STEPS = 16;

/**
 * Runs steps in slices.
 *
 * @param steps The steps; each is short.
 * @returns What the last step returns.
 */
export async function inSlices<Result>(steps: Iterator<unknown, Result>): Promise<Result> {
  for (;;) {
    const end = performance.now() + SLICE;
    do {
      for (let i = 0; i < STEPS; i++) {
        const { done, value } = steps.next();
        if (done) return value;
      }
    } while (performance.now() < end);
    await nextTurn();
  }
}

/** Runs steps at once. Returns what the last step returns. */
export function atOnce<Result>(steps: Iterator<unknown, Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Waits until timers and I/O of the event loop have had a turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
