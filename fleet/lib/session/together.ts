/** Tasks that end together. */

/**
 * Runs tasks until all have ended. When one fails the others are told to end, and have ended when this rejects.
 *
 * @param signal Ends all tasks.
 * @param tasks The tasks; each ends soon after its signal aborts.
 * @throws {unknown} The first error.
 */
export async function together(
  signal: AbortSignal,
  tasks: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const running = tasks.map((task) =>
    task(either).catch((error) => {
      failure.abort();
      throw error;
    })
  );
  try {
    await Promise.all(running);
  } finally {
    await Promise.allSettled(running);
  }
}
