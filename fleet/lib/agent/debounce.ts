/** Debounce: one call for several triggers, after a quiet period. */

import { type Clock, SYSTEM_CLOCK } from "@tcp-shaker/monitor";

/** Maximum delay of the call, in quiet periods. */
const LONGEST = 5;

/** Debounce with a maximum delay of five quiet periods. */
export class Debounce implements Disposable {
  readonly #quiet: number;
  readonly #call: () => void;
  readonly #clock: Clock;
  #latest: number | undefined;
  #cancel = () => {};

  /**
   * @param quiet Duration of the quiet period, in ms.
   * @param call The callback.
   * @param clock The clock.
   */
  constructor(quiet: number, call: () => void, clock: Clock = SYSTEM_CLOCK) {
    this.#quiet = quiet;
    this.#call = call;
    this.#clock = clock;
  }

  /** Requests the call. */
  trigger(): void {
    const now = this.#clock.now();
    this.#latest ??= now + LONGEST * this.#quiet;
    this.#cancel();
    this.#cancel = this.#clock.at(Math.min(now + this.#quiet, this.#latest), () => {
      this.#latest = undefined;
      this.#call();
    });
  }

  [Symbol.dispose](): void {
    this.#cancel();
  }
}
