/** A pause that a signal ends. */

import { unwatch, watch } from "./abortable.ts";

/**
 * Waits.
 *
 * @param ms How long. The timer keeps the process alive.
 * @param signal Ends the pause, with the signal's reason.
 */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const watcher = { abort: reject };
  if (signal !== undefined) watch(signal, watcher);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    if (signal !== undefined) unwatch(signal, watcher);
  }
}
