/**
 * Counting semaphore with a FIFO queue. Its limit adapts by additive increase and multiplicative decrease (AIMD), because
 * the rest of the process needs file descriptors too.
 */
export class Semaphore {
  readonly #max: number;
  readonly #grantsPerTurn: number;
  /** The number of permits for now: at most `#max`. */
  #limit: number;
  #acquired = 0;
  readonly #waiting = new Set<() => void>();
  #onDrained: (() => void) | undefined;
  /** Permits granted since the last turn of the event loop. */
  #granted = 0;
  #nextTurn: ReturnType<typeof setTimeout> | undefined;

  /**
   * Makes a semaphore, all of whose permits are free.
   *
   * @param max The number of permits, at most.
   * @param grantsPerTurn How many permits are granted in one turn of the event loop, at most.
   */
  constructor(max: number, grantsPerTurn: number = Infinity) {
    this.#max = max;
    this.#grantsPerTurn = grantsPerTurn;
    this.#limit = max;
  }

  /**
   * Requests a permit.
   *
   * @param grant Called when the permit is acquired: at once if one is free, else after the requests before it.
   */
  request(grant: () => void): void {
    this.#waiting.add(grant);
    this.#serve();
  }

  /**
   * Withdraws a request that was not granted yet. A granted one is ignored.
   *
   * @param grant The callback of the request.
   */
  withdraw(grant: () => void): void {
    this.#waiting.delete(grant);
    if (this.#waiting.size === 0) this.#cancelTurn();
  }

  /** Releases a permit. */
  release(): void {
    // Additive increase: the limit grows by 1 a round, as TCP's congestion window does (RFC 5681, 3.1).
    this.#limit = Math.min(this.#max, this.#limit + 1 / this.#limit);
    this.#release();
  }

  /**
   * Releases a permit for which the system had no file descriptor, and lowers the limit to three quarters of the permits
   * in use (multiplicative decrease). The rest of the process gets the descriptors that this frees.
   *
   * @returns Whether other permits are in use. Once one of them is released, a new request may succeed.
   */
  releaseAndBackOff(): boolean {
    const others = this.#acquired - 1;
    this.#limit = Math.min(this.#limit, Math.max(1, Math.floor(others * 3 / 4)));
    this.#release();
    return others > 0;
  }

  /** Waits until all permits are released. */
  async drained(): Promise<void> {
    while (this.#acquired > 0) await new Promise<void>((resolve) => this.#onDrained = resolve);
  }

  #release(): void {
    this.#acquired--;
    this.#serve();
    if (this.#acquired === 0) this.#onDrained?.();
  }

  #serve(): void {
    for (const grant of this.#waiting) {
      if (this.#acquired + 1 > this.#limit) return;
      if (this.#granted >= this.#grantsPerTurn) return this.#serveNextTurn();
      this.#waiting.delete(grant);
      this.#acquired++;
      this.#granted++;
      grant();
    }
  }

  #serveNextTurn(): void {
    this.#nextTurn ??= setTimeout(() => {
      this.#cancelTurn();
      this.#granted = 0;
      this.#serve();
    }, 0);
  }

  #cancelTurn(): void {
    clearTimeout(this.#nextTurn);
    this.#nextTurn = undefined;
  }
}
