/** Byte budget: a token bucket that one message may overdraw. */

import type { Clock } from "@tcp-shaker/monitor";

/** Token bucket of bytes. It is full at first. */
export class ByteBudget {
  #perSecond: number;
  readonly #burst: number;
  readonly #clock: Clock;
  #level: number;
  #at: number;

  /**
   * @param perSecond The bytes added per second.
   * @param burst The maximum number of bytes.
   * @param clock The clock.
   */
  constructor(perSecond: number, burst: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#clock = clock;
    this.#level = burst;
    this.#at = clock.now();
  }

  /** Sets the bytes added per second from now on. */
  setRate(perSecond: number): void {
    this.#gain();
    this.#perSecond = perSecond;
  }

  /** Whether a message may be sent now. */
  get isOpen(): boolean {
    this.#gain();
    return this.#level > 0;
  }

  /** Takes the bytes of a message. */
  spend(bytes: number): void {
    this.#level -= bytes;
  }

  #gain(): void {
    const now = this.#clock.now();
    this.#level = Math.min(this.#burst, this.#level + (now - this.#at) / 1000 * this.#perSecond);
    this.#at = now;
  }
}
