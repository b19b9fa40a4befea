/** Connection attempt delay (RFC 8305, 5): the time between the SYN to one address of a name and the SYN to the next. */

/** The longest delay in ms: the default of RFC 8305, 8. */
const LONGEST_MS = 250;
/** The shortest delay in ms that RFC 8305, 5, allows: a name with many addresses must not cause a burst of SYNs. */
const SHORTEST_MS = 10;

/**
 * Computes the delay after a SYN. `attempt_delay()` of ffi/src/reactor/stagger.rs does the same.
 *
 * @param left How much of the check's time is left, in ms.
 * @param others How many addresses have no SYN yet.
 * @returns The delay in ms: an equal share of the time left, so that the last address has time to answer.
 */
export function attemptDelay(left: number, others: number): number {
  return Math.min(Math.max(left / (others + 1), SHORTEST_MS), LONGEST_MS);
}
