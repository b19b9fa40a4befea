/** Task group: concurrent tasks, all of which end when one fails (structured concurrency). */

/**
 * Runs tasks concurrently until all have ended. When one fails, the signal of the others aborts, and the group waits for
 * their end before it rejects.
 *
 * @param signal Ends all tasks.
 * @param tasks The tasks; each ends soon after its signal aborts.
 * @throws {unknown} The first error.
 */
export async function runTaskGroup(
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
