/**
 * Semaphore of lookups with a dynamic threshold per zone (Choudhury and Hahne, 1998): a zone may acquire as many permits
 * as are free. A zone whose name servers are silent then can't block the lookups of other zones. The native library
 * shares its lookup threads in the same way.
 */

/** Counting semaphore. Its queue is FIFO, but a request of a zone at its threshold is passed over. */
export class LookupSemaphore {
  readonly #max: number;
  readonly #acquired = new Map<string, number>();
  #total = 0;
  /** Queued requests: the callback, and the zone of its name. */
  readonly #waiting = new Map<() => void, string>();

  /**
   * Makes a semaphore, all of whose permits are free.
   *
   * @param max The number of permits. A zone alone may acquire half of them.
   */
  constructor(max: number) {
    this.#max = max;
  }

  /**
   * Requests a permit.
   *
   * @param zone The zone of the name; see {@linkcode zoneOf}.
   * @param grant Called when the permit is acquired, perhaps at once.
   */
  request(zone: string, grant: () => void): void {
    if (this.#admits(zone)) this.#grant(zone, grant);
    else this.#waiting.set(grant, zone);
  }

  /**
   * Withdraws a request that was not granted yet. A granted one is ignored.
   *
   * @param grant The callback of the request.
   */
  withdraw(grant: () => void): void {
    this.#waiting.delete(grant);
  }

  /**
   * Releases a permit.
   *
   * @param zone The zone that the permit was granted to.
   */
  release(zone: string): void {
    const left = this.#acquired.get(zone)! - 1;
    if (left > 0) this.#acquired.set(zone, left);
    else this.#acquired.delete(zone);
    this.#total--;
    // The release lowers the zone's sum by two, and any other zone's sum by one: at most two requests fit.
    let room = 2;
    for (const [grant, zone] of this.#waiting) {
      if (!this.#admits(zone)) continue;
      this.#waiting.delete(grant);
      this.#grant(zone, grant);
      if (--room === 0) return;
    }
  }

  #admits(zone: string): boolean {
    return (this.#acquired.get(zone) ?? 0) + this.#total < this.#max;
  }

  #grant(zone: string, grant: () => void): void {
    this.#acquired.set(zone, (this.#acquired.get(zone) ?? 0) + 1);
    this.#total++;
    grant();
  }
}

/**
 * Finds the parent domain of a name: names of one domain share name servers.
 *
 * @param name The name, in ASCII.
 * @returns `"example.com"` for `"www.example.com"`; `""` for a name of one label. `"localhost"` is a zone of its own,
 * because no name server is asked for it (RFC 6761, 6.3).
 */
export function zoneOf(name: string): string {
  const relative = name.endsWith(".") ? name.slice(0, -1) : name;
  const dot = relative.indexOf(".");
  if (dot >= 0) return relative.slice(dot + 1);
  return relative.toLowerCase() === "localhost" ? "localhost" : "";
}
