/** Retries with exponential back-off, one per key. */

import type { Clock } from "../clock.ts";

/** The pause after the first failure, in ms. Each further failure doubles it. */
const FIRST_PAUSE_MS = 1000;
/** The longest pause, in ms. */
const MAX_PAUSE_MS = 60_000;

/** A scheduled retry. */
interface Retry {
  readonly run: () => void;
  readonly cancel: () => void;
}

/** Schedules retries. */
export class Retries {
  readonly #clock: Clock;
  readonly #scheduled = new Map<string, Retry>();
  /** The next pause of each key with failures. */
  readonly #pauses = new Map<string, number>();

  /** @param clock The clock and its timers. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The number of scheduled retries. */
  get size(): number {
    return this.#scheduled.size;
  }

  /** Schedules a retry after a failure, and replaces the scheduled retry of the same key. */
  schedule(key: string, retry: () => void): void {
    this.#scheduled.get(key)?.cancel();
    const pause = this.#pauses.get(key) ?? FIRST_PAUSE_MS;
    this.#pauses.set(key, Math.min(2 * pause, MAX_PAUSE_MS));
    const run = () => {
      this.#scheduled.delete(key);
      retry();
    };
    this.#scheduled.set(key, { run, cancel: this.#clock.at(this.#clock.now() + pause, run) });
  }

  /**
   * Cancels the retry of a key, and forgets its failures.
   *
   * @returns Whether a retry was scheduled.
   */
  cancel(key: string): boolean {
    this.forget(key);
    this.#scheduled.get(key)?.cancel();
    return this.#scheduled.delete(key);
  }

  /** Forgets the failures of a key, so that the next pause is the first one. */
  forget(key: string): void {
    this.#pauses.delete(key);
  }

  /** Runs all scheduled retries now. */
  runAll(): void {
    for (const { run, cancel } of [...this.#scheduled.values()]) {
      cancel();
      run();
    }
  }
}
