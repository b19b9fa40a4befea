/** Polling until a condition holds. */

/** Time limit in ms, which exceeds every wait on a busy machine. */
const LIMIT = 120_000;

/**
 * Polls until the answer satisfies a condition.
 *
 * @param ask Returns the current answer.
 * @param isWanted The condition.
 * @returns The answer.
 * @throws {Error} If the condition does not hold within two minutes. The message has the last answer.
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
