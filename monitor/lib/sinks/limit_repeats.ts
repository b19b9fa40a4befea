/** Rate limit of equal messages. */

import { type Clock, SYSTEM_CLOCK } from "../clock.ts";

/** Time after a message in which equal messages are suppressed, in ms. */
const PERIOD_MS = 60_000;
/** Maximum number of remembered messages. */
const MAX_MESSAGES = 1000;

/**
 * Limits equal messages to one per minute, because a missing program fails at each attempt for each target.
 *
 * @param onMessage Called with a message. After suppressed messages, the text ends with their number.
 * @param clock The clock.
 * @returns A function to call with every message.
 */
export function limitRepeats(
  onMessage: (message: string) => void,
  clock: Pick<Clock, "now"> = SYSTEM_CLOCK,
): (message: string) => void {
  const recent = new Map<string, { readonly at: number; repeats: number }>();
  return (message) => {
    const at = clock.now();
    const last = recent.get(message);
    if (last !== undefined && at - last.at < PERIOD_MS) {
      last.repeats++;
      return;
    }
    if (recent.size >= MAX_MESSAGES) recent.clear();
    recent.set(message, { at, repeats: 0 });
    onMessage(last === undefined || last.repeats === 0 ? message : `${message} (${last.repeats + 1} times since)`);
  };
}
