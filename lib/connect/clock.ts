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
 * Stopwatch with a deadline and an alarm. It is stopped while a check waits in a queue, and set back by the lateness of
 * its alarms, because the target caused neither. After the deadline come the outcomes that the system had in time, because
 * the event loop may be late to deliver them.
 */
export class Clock {
  readonly #timeout: number;
  readonly #onDeadline: () => void;
  /** The time used until the last stop, in ms. */
  #used: number;
  #startedAt: number | undefined;
  #alarm: { readonly at: number; readonly callback: () => void } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Makes a stopped stopwatch.
   *
   * @param timeout The time allowed, in ms; `Infinity` without a limit.
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

  /** The time left, in ms. */
  get left(): number {
    return this.#timeout - this.elapsed;
  }

  /** Starts the stopwatch, unless it runs. */
  start(): void {
    if (this.#startedAt !== undefined) return;
    this.#startedAt = performance.now();
    this.#arm();
  }

  /** Stops the stopwatch, and drops its alarm. */
  stop(): void {
    this.#used = this.elapsed;
    this.#startedAt = undefined;
    this.#alarm = undefined;
    this.#disarm();
  }

  /** Sets a running stopwatch back to `at` ms used, if it shows more. */
  setBack(at: number): void {
    this.#used -= Math.max(0, this.elapsed - at);
  }

  /** Sets the alarm of a running stopwatch, in place of the one before: `callback` is called when `at` ms are used. */
  setAlarm(at: number, callback: () => void): void {
    this.#alarm = { at, callback };
    this.#arm();
  }

  #arm(): void {
    this.#disarm();
    const due = Math.min(this.#timeout, this.#alarm?.at ?? Infinity);
    if (due === Infinity) return;
    this.#timer = setTimeout(() => this.#onTimer(due), Math.max(0, Math.ceil(due - this.elapsed)));
  }

  #onTimer(due: number): void {
    // A timer may fire early: it has a clock of its own.
    if (this.elapsed < due) return this.#arm();
    if (due < this.#timeout) {
      const { callback } = this.#alarm!;
      this.#alarm = undefined;
      this.setBack(due);
      this.#arm();
      return callback();
    }
    afterDeliveries(this.#onDeadline);
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    withdrawFromDeliveries(this.#onDeadline);
  }
}
