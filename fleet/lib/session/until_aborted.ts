/** Abortable wait for a promise. */

/**
 * Waits for a promise or for the signal. The operation of the promise continues.
 *
 * @param promise The promise.
 * @param signal Ends the wait.
 * @returns The value; `undefined` if the signal aborts first.
 */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const stop = () => resolve(undefined);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  return await Promise.race([promise, aborted]).finally(() => signal.removeEventListener("abort", stop));
}
