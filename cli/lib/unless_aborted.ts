/**
 * Waits for something, but no longer than until a signal aborts.
 *
 * @param promise What to wait for.
 * @param signal The signal.
 * @returns What it resolves to.
 * @throws The reason of the signal, if that is first.
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
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
