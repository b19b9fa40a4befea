/** Connection attempt delay: how long a name's next address waits for an answer from the one before it (RFC 8305, 5). */

/** The default of RFC 8305, 8, and the most that is waited, in ms. */
const LONGEST = 250;
/** The least that RFC 8305, 5, allows, in ms: a name with many addresses must not send a burst of SYNs. */
const SHORTEST = 10;

/**
 * Computes how long to wait after a SYN. `attempt_delay()` of ffi/src/reactor/stagger.rs does the same.
 *
 * @param left How much of the check's time is left, in ms.
 * @param others How many addresses are not tried yet.
 * @returns An equal share of the time for each of them, in ms, so that the last one has time left to answer.
 */
export function attemptDelay(left: number, others: number): number {
  return Math.min(Math.max(left / (others + 1), SHORTEST), LONGEST);
}
