/** Clock interface of a monitor. Tests pass a simulated clock. */

/** A clock with a timer. */
export interface Clock {
  /** Monotonic time in ms. */
  now(): number;
  /** The wall clock, in ms since 1970 (UTC). */
  date(): number;
  /**
   * Sets a one-shot timer.
   *
   * @param time The monotonic time in ms. The call may be later.
   * @param callback The function to call.
   * @returns A function that cancels the timer.
   */
  at(time: number, callback: () => void): () => void;
}

/** The clocks and timers of the system. */
export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  at(time, callback) {
    const timer = setTimeout(callback, Math.max(0, time - performance.now()));
    return () => clearTimeout(timer);
  },
};
