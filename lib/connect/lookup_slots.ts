/**
 * Slots for lookups, shared out among zones by dynamic thresholds (Choudhury and Hahne, 1998): a zone may have as many as
 * are free, so that one whose name servers are silent holds up no other. ffi/src/shares.rs does the same.
 */

/** A counting semaphore, with a queue in which a zone that has its share lets others pass. */
export class LookupSlots {
  readonly #most: number;
  readonly #taken = new Map<string, number>();
  #total = 0;
  /** Who waits, and for which zone. */
  readonly #waiting = new Map<() => void, string>();

  /**
   * Makes slots, all of them free.
   *
   * @param most How many there are. A zone alone may have half of them.
   */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Asks for a slot.
   *
   * @param zone The zone of the name; see {@linkcode zoneOf}.
   * @param grant Called when it is there, be it at once.
   */
  request(zone: string, grant: () => void): void {
    if (this.#admits(zone)) this.#grant(zone, grant);
    else this.#waiting.set(grant, zone);
  }

  /**
   * Takes a request back that was not granted yet.
   *
   * @param grant What was asked with.
   */
  withdraw(grant: () => void): void {
    this.#waiting.delete(grant);
  }

  /**
   * Gives a slot back.
   *
   * @param zone Whose it was.
   */
  release(zone: string): void {
    const left = this.#taken.get(zone)! - 1;
    if (left > 0) this.#taken.set(zone, left);
    else this.#taken.delete(zone);
    this.#total--;
    // The zone is below its share by two now, and any other by one.
    let room = 2;
    for (const [grant, zone] of this.#waiting) {
      if (!this.#admits(zone)) continue;
      this.#waiting.delete(grant);
      this.#grant(zone, grant);
      if (--room === 0) return;
    }
  }

  #admits(zone: string): boolean {
    return (this.#taken.get(zone) ?? 0) + this.#total < this.#most;
  }

  #grant(zone: string, grant: () => void): void {
    this.#taken.set(zone, (this.#taken.get(zone) ?? 0) + 1);
    this.#total++;
    grant();
  }
}

/**
 * Finds the domain that a name is in, whose name servers may be silent.
 *
 * @param name The name, in ASCII.
 * @returns `"example.com"` for `"www.example.com"`; `""` for all names of one label but localhost, which name servers are
 * not asked for (RFC 6761, 6.3).
 */
export function zoneOf(name: string): string {
  const relative = name.endsWith(".") ? name.slice(0, -1) : name;
  const dot = relative.indexOf(".");
  if (dot >= 0) return relative.slice(dot + 1);
  return relative.toLowerCase() === "localhost" ? "localhost" : "";
}
