/** Counting semaphore with a FIFO queue, for sockets. */
export class Semaphore {
  readonly #max: number;
  readonly #grantsPerTurn: number;
  /** The number of permits for now: `#max`, or fewer while the system has no more file descriptors. */
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
    this.#max = this.#limit = max;
    this.#grantsPerTurn = grantsPerTurn;
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
    this.#acquired--;
    if (this.#acquired === 0) {
      this.#limit = this.#max;
      this.#onDrained?.();
    }
    this.#serve();
  }

  /**
   * Releases a permit for which the system had no file descriptor. Until all permits are released, there are no more
   * than are in use now.
   *
   * @returns Whether other permits are in use. Once one of them is released, a new request may succeed.
   */
  releaseUnused(): boolean {
    const others = this.#acquired - 1;
    this.#limit = Math.max(1, others);
    this.release();
    return others > 0;
  }

  /** Waits until all permits are released. */
  async drained(): Promise<void> {
    while (this.#acquired > 0) await new Promise<void>((resolve) => this.#onDrained = resolve);
  }

  #serve(): void {
    for (const grant of this.#waiting) {
      if (this.#acquired >= this.#limit) return;
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
