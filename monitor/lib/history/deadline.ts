/** Time limit for reads, because a page must not wait for a slow disk. */

/**
 * Waits for a read, up to a time limit.
 *
 * @param ms The time limit in ms.
 * @param reading The read. After the time limit it continues, and its result is dropped.
 * @returns The result of the read.
 * @throws {Error} If the read takes longer.
 */
export async function withDeadline<Value>(ms: number, reading: Promise<Value>): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`the file was not read within ${ms / 1000} s`)), ms);
  try {
    return await Promise.race([reading, promise]);
  } finally {
    clearTimeout(timer);
  }
}
