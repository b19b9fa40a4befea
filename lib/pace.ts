/** Token bucket: grants no more than a number of turns a second. */

/** How much may come at once, in ms of the rate: timers are no finer than 1 ms, and often later. */
const BURST_MS = 10;

/** A token bucket, in the form that keeps nothing but the time at which the next token is due (GCRA, ITU-T I.371). */
export class Pace {
  readonly #step: number;
  #due = performance.now();

  /**
   * Makes a token bucket.
   *
   * @param rate Turns a second.
   */
  constructor(rate: number) {
    this.#step = 1000 / rate;
  }

  /**
   * Takes a turn, if there is one.
   *
   * @returns 0 if there was; else after how many ms, above 0, there will be one.
   */
  take(): number {
    const now = performance.now();
    const turn = Math.max(this.#due, now - BURST_MS);
    if (turn > now) return turn - now;
    this.#due = turn + this.#step;
    return 0;
  }
}
