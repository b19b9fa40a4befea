/** Token bucket: limits an average rate, and allows bursts. */

/** Burst size, in ms of the rate, because timers have a resolution of 1 ms and often fire late. */
const BURST_MS = 10;

/** Token bucket. Its only state is the time at which the next token is due (GCRA, ITU-T I.371). */
export class TokenBucket {
  readonly #period: number;
  #due = performance.now();

  /**
   * Makes a token bucket.
   *
   * @param rate Tokens per second.
   */
  constructor(rate: number) {
    this.#period = 1000 / rate;
  }

  /**
   * Takes a token, if one is available.
   *
   * @returns 0 if a token was taken; else the time in ms, above 0, until the next token.
   */
  take(): number {
    const now = performance.now();
    const due = Math.max(this.#due, now - BURST_MS);
    if (due > now) return due - now;
    this.#due = due + this.#period;
    return 0;
  }
}
