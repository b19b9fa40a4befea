import { afterDeliveries, withdrawFromDeliveries } from "./deliveries.ts";

/**
 * Rounds a time to whole nanoseconds, as the native library counts them.
 *
 * @param ms A difference of two times in ms, with the rounding error of the subtraction.
 * @returns The time in ms.
 */
export function toNanoseconds(ms: number): number {
  return Math.round(ms * 1e6) / 1e6;
}

/**
 * Stopwatch with a deadline. It is stopped while a check waits in our queues, because the target didn't cause the wait.
 * After the deadline come the outcomes that the system had in time, because the event loop may be late to deliver them.
 */
export class Clock {
  readonly #timeout: number;
  readonly #onDeadline: () => void;
  /** The time used until the last stop, in ms. */
  #used: number;
  #startedAt: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Makes a stopped stopwatch.
   *
   * @param timeout The time allowed, in ms.
   * @param onDeadline Called once that much time is used.
   * @param used How much of it is used already, in ms.
   */
  constructor(timeout: number, onDeadline: () => void, used = 0) {
    this.#timeout = timeout;
    this.#onDeadline = onDeadline;
    this.#used = used;
  }

  /** The time used, in ms. */
  get elapsed(): number {
    return this.#startedAt === undefined ? this.#used : this.#used + performance.now() - this.#startedAt;
  }

  /** The time left, in ms; below 0 after the deadline. */
  get left(): number {
    return this.#timeout - this.elapsed;
  }

  /** Starts the stopwatch, unless it runs. */
  start(): void {
    if (this.#startedAt !== undefined) return;
    this.#startedAt = performance.now();
    this.#arm();
  }

  /**
   * Puts a running stopwatch back, so that an attempt which starts late still has time for its answer. The event loop
   * was busy then.
   *
   * @param ms How much time is left at least, in ms.
   */
  allow(ms: number): void {
    const lacking = ms - this.left;
    if (lacking <= 0) return;
    this.#disarm();
    this.#used -= lacking;
    this.#arm();
  }

  /** Stops the stopwatch. */
  stop(): void {
    this.#used = this.elapsed;
    this.#startedAt = undefined;
    this.#disarm();
  }

  #arm(): void {
    this.#timer = setTimeout(() => this.#onTimer(), Math.max(0, Math.ceil(this.left)));
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    withdrawFromDeliveries(this.#onDeadline);
  }

  #onTimer(): void {
    // A timer may fire early: it has a clock of its own.
    if (this.left > 0) this.#arm();
    else afterDeliveries(this.#onDeadline);
  }
}
