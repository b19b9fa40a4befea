/** Time limit of a wait. */

/**
 * Waits for a promise within a time limit. After the limit its work continues, and its result is ignored.
 *
 * @param ms The time limit in ms.
 * @param awaited The promise.
 */
export async function atMost(ms: number, awaited: Promise<unknown> | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    await Promise.race([awaited, promise]);
  } finally {
    clearTimeout(timer);
  }
}
