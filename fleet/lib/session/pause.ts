/** Abortable pause. */

import { type Clock, SYSTEM_CLOCK } from "@tcp-shaker/monitor";

/**
 * Waits.
 *
 * @param ms The time in ms.
 * @param signal Ends the pause early, without an error.
 * @param clock The clock.
 */
export async function pause(ms: number, signal: AbortSignal, clock: Clock = SYSTEM_CLOCK): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = () => resolve();
  const cancel = clock.at(clock.now() + ms, wake);
  signal.addEventListener("abort", wake, { once: true });
  if (signal.aborted) wake();
  await promise;
  cancel();
  signal.removeEventListener("abort", wake);
}
