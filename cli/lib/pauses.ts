/** Pauses between checks that come again. */

/** Pauses that a signal ends. It has one listener for all: with thousands, each takes longer to add than the one before. */
export class Pauses {
  readonly #signal: AbortSignal;
  readonly #ends = new Set<() => void>();

  /** @param signal What ends them; it lives no longer than they do. */
  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#ends.forEach((end) => end()), { once: true });
  }

  /**
   * Makes one.
   *
   * @param ms How long it is, if the signal doesn't abort.
   */
  async take(ms: number): Promise<void> {
    if (this.#signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#ends.add(resolve);
    await promise;
    this.#ends.delete(resolve);
    clearTimeout(timer);
  }
}
