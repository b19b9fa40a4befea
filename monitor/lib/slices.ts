/** Cooperative slices of long work, so that timers and I/O run in between. */

/** Duration of a slice in ms, by which it may delay due checks. */
const SLICE = 5;

/**
 * Runs steps in slices.
 *
 * @param steps The steps; each is short.
 */
export async function inSlices(steps: Iterable<unknown>): Promise<void> {
  let end = performance.now() + SLICE;
  for (const _ of steps) {
    if (performance.now() < end) continue;
    await nextTurn();
    end = performance.now() + SLICE;
  }
}

/** Waits until timers and I/O of the event loop have had a turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
