/** Time limit of the end of a mode that a signal ends. */

import { EXIT } from "../exit_status.ts";
import { printError } from "../output.ts";

/** Time limit of the end in ms after a signal. With half a second for a slow reader of the output it is within 2 s. */
const END_TIMEOUT_MS = 1450;

/**
 * Limits the end of a mode after a signal: a list, a name server or a file system may not answer.
 *
 * @param running The mode.
 * @param signal The signal.
 * @returns The exit status of the mode; that of an orderly end if the mode doesn't end in time.
 */
export async function endInTime(running: Promise<number>, signal: AbortSignal): Promise<number> {
  const { promise: timeout, resolve } = Promise.withResolvers<number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onAbort = () => {
    timer = setTimeout(() => {
      const limit = `${END_TIMEOUT_MS / 1000} s`;
      printError(`tcp-checker: did not end within ${limit}: unsent notifications and unwritten history are lost`);
      resolve(EXIT.allUp);
    }, END_TIMEOUT_MS);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([running, timeout]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
