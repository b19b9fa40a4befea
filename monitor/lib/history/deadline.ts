/** Deadline of a read: a page must not wait for a slow disk. */

/**
 * Waits for a read.
 *
 * @param ms How long, in ms.
 * @param reading The read. It goes on after the deadline, and its result is dropped.
 * @returns What was read.
 * @throws {Error} If it takes longer.
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
