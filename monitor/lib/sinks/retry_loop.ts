/** Retry loop with exponential back-off: delivers queued items in order, and retries each until it succeeds. */

import { type Clock, SYSTEM_CLOCK } from "../clock.ts";

/** The pause after the first failure, in ms. Each further failure doubles it. */
const FIRST_PAUSE_MS = 1000;
/** The longest pause, in ms. */
const MAX_PAUSE_MS = 60_000;

/**
 * Delivers the first queued items.
 *
 * @param signal Aborts the attempt.
 * @returns Whether more items are queued.
 * @throws If the delivery failed. It is retried after a pause.
 */
export type Attempt = (signal: AbortSignal) => Promise<boolean>;

/** Calls the attempt until the queue is empty. */
export class RetryLoop {
  readonly #attempt: Attempt;
  readonly #onFailure: (error: Error) => void;
  readonly #clock: Clock;
  readonly #abort = new AbortController();
  #run: Promise<void> | undefined;
  #endPause: (() => void) | undefined;
  #isClosing = false;

  /**
   * Creates a loop, which is idle until {@linkcode RetryLoop.wake} is called.
   *
   * @param attempt Delivers the first queued items.
   * @param onFailure Called with the error of each failed attempt.
   * @param clock The clock; tests pass their own.
   */
  constructor(attempt: Attempt, onFailure: (error: Error) => void, clock: Clock = SYSTEM_CLOCK) {
    this.#attempt = attempt;
    this.#onFailure = onFailure;
    this.#clock = clock;
  }

  /** Starts delivery after an item was queued. Does not shorten the pause after a failure. */
  wake(): void {
    if (this.#abort.signal.aborted) return;
    this.#run ??= this.#deliver().finally(() => this.#run = undefined);
  }

  /**
   * Ends the loop after one more attempt.
   *
   * @param timeout Time limit of the attempt, in ms, after which it is aborted.
   */
  async close(timeout: number): Promise<void> {
    this.#isClosing = true;
    const cancelTimer = this.#clock.at(this.#clock.now() + timeout, () => this.#abort.abort());
    this.#endPause?.();
    await this.#run;
    cancelTimer();
    this.#abort.abort();
  }

  async #deliver(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    let isMore = true;
    while (isMore && !this.#abort.signal.aborted) {
      try {
        isMore = await this.#attempt(this.#abort.signal);
        pause = FIRST_PAUSE_MS;
      } catch (error) {
        this.#onFailure(error as Error);
        if (this.#isClosing) return;
        await this.#pause(pause);
        pause = Math.min(2 * pause, MAX_PAUSE_MS);
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.at(this.#clock.now() + ms, () => this.#endPause?.());
      this.#endPause = () => {
        cancel();
        this.#endPause = undefined;
        resolve();
      };
    });
  }
}
