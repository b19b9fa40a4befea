/** Abortable delay. */

import { offAbort, onAbort } from "./abortable.ts";

/**
 * Waits for a time.
 *
 * @param ms The time in ms. The timer keeps the process alive.
 * @param signal Aborts the delay, which then rejects with the signal's reason.
 */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const operation = { abort: reject };
  if (signal !== undefined) onAbort(signal, operation);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    if (signal !== undefined) offAbort(signal, operation);
  }
}
