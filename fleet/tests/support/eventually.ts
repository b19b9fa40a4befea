/** Waits for an answer. */

/** Longer than any answer takes on a busy machine, in ms. */
const LIMIT = 120_000;

/**
 * Asks until the answer is as wanted.
 *
 * @param ask Asks.
 * @param isWanted Judges the answer.
 * @returns The answer.
 * @throws {Error} If no such answer came in two minutes; it shows the last one.
 */
export async function eventually<T>(ask: () => T | Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  const start = performance.now();
  while (true) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (performance.now() - start > LIMIT) throw new Error(`Not as wanted after two minutes: ${Deno.inspect(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
