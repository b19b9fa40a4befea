/**
 * Makes a promise abortable: the wait for it ends when the signal aborts. The operation itself continues.
 *
 * @param promise The promise.
 * @param signal Ends the wait.
 * @returns The value of the promise.
 * @throws The reason of the signal, if it aborts first.
 */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
