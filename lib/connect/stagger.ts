/** Connection attempt delay (RFC 8305, 5): the time between the SYN to one address of a name and the SYN to the next. */

/** The longest delay in ms: the default of RFC 8305, 8. */
const LONGEST_MS = 250;
/** The shortest delay in ms that RFC 8305, 5, allows: a name with many addresses must not cause a burst of SYNs. */
const SHORTEST_MS = 10;

/**
 * Plan of a name's attempts, in ms of its stopwatch. `Stagger` of ffi/src/reactor/stagger.rs does the same.
 *
 * The delay counts from the planned start of an attempt, because a busy event loop would otherwise push the last
 * addresses past the deadline. Attempts that are overdue start together.
 */
export class Stagger {
  readonly #timeout: number;
  #next: number | undefined;
  /** The planned start of an attempt that was due, and waits for a socket. */
  #overdue: number | undefined;

  /**
   * Makes an empty plan.
   *
   * @param timeout The time allowed, in ms.
   */
  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  /** When the next attempt is due, if one is planned. */
  get next(): number | undefined {
    return this.#next;
  }

  /**
   * Takes the attempt that is due.
   *
   * @param addresses How many addresses have no SYN yet: one or more.
   * @returns The time that the plan leaves for the attempt's answer, in ms.
   */
  fallDue(addresses: number): number {
    this.#overdue = this.#next!;
    this.#next = undefined;
    return this.#answerTime(this.#overdue, addresses - 1);
  }

  /**
   * Plans the attempt after one that starts now.
   *
   * @param elapsed The time now.
   * @param others How many addresses have no SYN yet.
   * @returns The time that the plan leaves for the answer, in ms; 0 if the attempt follows no timer.
   */
  start(elapsed: number, others: number): number {
    const overdue = this.#overdue;
    const planned = overdue ?? elapsed;
    this.#overdue = undefined;
    const next = planned + attemptDelay(this.#timeout - planned, others);
    this.#next = others > 0 && next < this.#timeout ? next : undefined;
    return overdue === undefined ? 0 : this.#answerTime(overdue, others);
  }

  /** Counts the next attempt from its actual start: no other attempt is in flight. */
  restart(): void {
    this.#next = this.#overdue = undefined;
  }

  #answerTime(planned: number, others: number): number {
    const left = this.#timeout - planned;
    return Math.min(attemptDelay(left, others), left);
  }
}

/**
 * Computes the delay after a SYN.
 *
 * @param left How much of the check's time is left, in ms.
 * @param others How many addresses have no SYN yet.
 * @returns The delay in ms: an equal share of the time left, so that the last address has time to answer.
 */
function attemptDelay(left: number, others: number): number {
  return Math.min(Math.max(left / (others + 1), SHORTEST_MS), LONGEST_MS);
}
