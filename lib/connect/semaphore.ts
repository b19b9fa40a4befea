/**
 * Counting semaphore with a FIFO queue.
 *
 * A request may belong to a zone, which may acquire as many permits as are free (dynamic threshold, Choudhury and Hahne,
 * 1998). So a zone whose permits are stuck leaves some to other zones; requests of a zone at its threshold are passed over.
 */
export class Semaphore {
  readonly #max: number;
  readonly #grantsPerTurn: number;
  /** The number of permits for now: at most `#max`. */
  #limit: number;
  #acquired = 0;
  readonly #acquiredByZone = new Map<string, number>();
  /** Queued requests: the callback, and the zone. */
  readonly #waiting = new Map<() => void, string | undefined>();
  #onDrained: (() => void) | undefined;
  /** Permits granted since the last turn of the event loop. */
  #granted = 0;
  #nextTurn: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param max The number of permits. A zone alone may acquire half of them.
   * @param grantsPerTurn How many permits are granted in one turn of the event loop, at most.
   */
  constructor(max: number, grantsPerTurn: number = Infinity) {
    this.#max = this.#limit = max;
    this.#grantsPerTurn = grantsPerTurn;
  }

  /** Requests a permit. `grant` is called when it is acquired, perhaps at once. */
  request(grant: () => void, zone?: string): void {
    if (this.#nextTurn !== undefined || !this.#admits(zone)) this.#waiting.set(grant, zone);
    else if (this.#granted < this.#grantsPerTurn) this.#grant(grant, zone);
    else {
      this.#waiting.set(grant, zone);
      this.#serveNextTurn();
    }
  }

  /** Withdraws a request that was not granted yet. A granted one is ignored. */
  withdraw(grant: () => void): void {
    this.#waiting.delete(grant);
    if (this.#waiting.size === 0) this.#cancelTurn();
  }

  /** Releases a permit, which was granted to a request of the zone. */
  release(zone?: string): void {
    this.#acquired--;
    if (zone !== undefined) this.#count(zone, -1);
    if (this.#acquired === 0) this.#limit = this.#max;
    this.#serve();
    if (this.#acquired === 0) this.#onDrained?.();
  }

  /**
   * Releases a permit for which the system had no file descriptor, and lowers the limit to three quarters of the permits
   * in use until all are released, because the rest of the process needs descriptors too.
   *
   * @returns Whether other permits are in use. Once one of them is released, a new request may succeed.
   */
  releaseAndBackOff(): boolean {
    const others = this.#acquired - 1;
    this.#limit = Math.min(this.#limit, Math.max(1, Math.floor(others * 3 / 4)));
    this.release();
    return others > 0;
  }

  /** Waits until all permits are released. */
  async drained(): Promise<void> {
    while (this.#acquired > 0) await new Promise<void>((resolve) => this.#onDrained = resolve);
  }

  #count(zone: string, change: 1 | -1): void {
    const acquired = (this.#acquiredByZone.get(zone) ?? 0) + change;
    if (acquired > 0) this.#acquiredByZone.set(zone, acquired);
    else this.#acquiredByZone.delete(zone);
  }

  #admits(zone: string | undefined): boolean {
    const ofZone = zone === undefined ? 0 : this.#acquiredByZone.get(zone) ?? 0;
    return this.#acquired + ofZone < this.#limit;
  }

  #grant(grant: () => void, zone: string | undefined): void {
    if (zone !== undefined) this.#count(zone, 1);
    this.#acquired++;
    this.#granted++;
    grant();
  }

  #serve(): void {
    for (const [grant, zone] of this.#waiting) {
      if (this.#acquired >= this.#limit) return;
      if (!this.#admits(zone)) continue;
      if (this.#granted >= this.#grantsPerTurn) return this.#serveNextTurn();
      this.#waiting.delete(grant);
      this.#grant(grant, zone);
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
