/** Waits for an answer. */

/**
 * Asks until the answer is as wanted. A test that hangs here fails by the time limit of its file.
 *
 * @param ask Asks.
 * @param isWanted Judges the answer.
 * @returns The answer.
 */
export async function eventually<T>(ask: () => T | Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  while (true) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
