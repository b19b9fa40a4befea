/** Time slices for long synchronous work (cooperative scheduling), so that timers and I/O run in between. */

/** Duration of a slice in ms: the maximum delay of checks that are due. */
const SLICE = 5;
/** Number of steps per reading of the clock, which takes half as long as a step. */
const STEPS = 16;

/**
 * Runs steps in time slices.
 *
 * @param steps The steps; each is short.
 * @returns The return value of the last step.
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

/** Runs steps without yielding, and returns the return value of the last one. */
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
