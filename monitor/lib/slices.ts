/** Cooperative slices of long work, so that timers and I/O have their turns. */

/** How long a slice takes, in ms: checks that are due meanwhile begin as much later. */
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
