/** Time slices of long synchronous work (cooperative scheduling), so that timers and I/O run in between. */

/** Duration of a slice in ms: the maximum delay of checks that are due. */
const SLICE = 5;
/** Number of steps between two readings of the clock. Reading it takes half as long as a step. */
const STEPS = 16;

/**
 * Runs steps in time slices.
 *
 * @param steps The steps; each is short.
 * @returns What the last step returns.
 */
export async function runInTimeSlices<Result>(steps: Iterator<unknown, Result>): Promise<Result> {
  for (;;) {
    const end = performance.now() + SLICE;
    do {
      for (let i = 0; i < STEPS; i++) {
        const { done, value } = steps.next();
        if (done) return value;
      }
    } while (performance.now() < end);
    await yieldToEventLoop();
  }
}

/** Runs steps without yielding. Returns what the last step returns. */
export function runAtOnce<Result>(steps: Iterator<unknown, Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Yields to the event loop: due timers and pending I/O run before the promise resolves. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
