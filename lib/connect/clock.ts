/**
 * Gives a time as results have it.
 *
 * @param ms A difference of times in ms, with the noise that subtracting them left behind.
 * @returns It in whole nanoseconds, as the native library counts them.
 */
export function toNanoseconds(ms: number): number {
  return Math.round(ms * 1e6) / 1e6;
}

/** A check's own time. It stands still while the check waits in our queues, which is no fault of the target's. */
export class Clock {
  readonly #timeout: number;
  readonly #onDeadline: () => void;
  /** What was used until it last stood still. */
  #used: number;
  #startedAt: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Makes a clock, which stands still.
   *
   * @param timeout The time allowed, in ms.
   * @param onDeadline Called once that much time was used.
   * @param used How much was used before.
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

  /** Lets the time run. */
  start(): void {
    if (this.#startedAt !== undefined) return;
    this.#startedAt = performance.now();
    this.#arm();
  }

  /** Lets the time stand still. */
  stop(): void {
    this.#used = this.elapsed;
    this.#startedAt = undefined;
    clearTimeout(this.#timer);
  }

  #arm(): void {
    this.#timer = setTimeout(() => this.#onTimer(), Math.max(0, Math.ceil(this.left)));
  }

  #onTimer(): void {
    const late = this.elapsed - this.#timeout;
    // Timers have a clock of their own.
    if (late < 0) return this.#arm();
    // Answers may have come in time while JavaScript was too busy to see them. It takes one turn of the event loop to
    // ask the system for them, and another to deliver them; and as long again as it was busy if there are many.
    this.#timer = setTimeout(() => {
      this.#timer = setTimeout(this.#onDeadline, 0);
    }, late);
  }
}
