/** Table of the checks in flight, keyed by id. */

import type { Pending } from "../engine.ts";

/** Initial number of places, a power of two. */
const INITIAL_PLACES = 256;
/** Number of places that an empty table keeps: twice the default concurrency of `checkAll()`. */
const KEPT_PLACES = 8192;
/** Exclusive upper bound of ids, a power of two: V8 stores smaller ids as small integers (Smi), without a heap object. */
const ID_LIMIT = 2 ** 30;

/**
 * Direct-mapped table: the low bits of an id are the index of its place. Ids are assigned in sequence; an id whose place is
 * occupied is skipped. The table takes a third of the time of a `Map`, which rehashes often when each key is used once.
 */
export class ChecksById {
  #places: (Pending | undefined)[] = emptyPlaces(INITIAL_PLACES);
  #size = 0;
  #lastId = 0;

  /** The number of checks. */
  get size(): number {
    return this.#size;
  }

  /** Adds a check, and returns its new id. Ids are reused late, because results of cancelled checks may still arrive. */
  add(check: Pending): number {
    // At least half of the places are free, so the search for a free one is short.
    if (2 * this.#size >= this.#places.length) this.#grow();
    const places = this.#places;
    const mask = places.length - 1;
    let id = this.#lastId;
    do id = (id + 1) % ID_LIMIT; while (places[id & mask] !== undefined);
    places[id & mask] = check;
    this.#size++;
    this.#lastId = id;
    check.id = id;
    return id;
  }

  /** Finds the check with an id. Returns `undefined` if that check was removed. */
  get(id: number): Pending | undefined {
    const check = this.#places[id & (this.#places.length - 1)];
    return check?.id === id ? check : undefined;
  }

  /** Removes a check. Returns whether it was in the table. */
  delete(check: Pending): boolean {
    const place = check.id & (this.#places.length - 1);
    if (this.#places[place] !== check) return false;
    this.#places[place] = undefined;
    // Only an empty table shrinks, because in a smaller table two checks could map to the same place.
    if (--this.#size === 0 && this.#places.length > KEPT_PLACES) this.#places = emptyPlaces(INITIAL_PLACES);
    return true;
  }

  /** Removes all checks, and returns them. */
  clear(): Pending[] {
    const checks = this.#places.filter((check) => check !== undefined);
    this.#places = emptyPlaces(INITIAL_PLACES);
    this.#size = 0;
    return checks;
  }

  /** Doubles the table. Checks never collide, because each index only gains a bit. */
  #grow(): void {
    const grown = emptyPlaces(2 * this.#places.length);
    for (const check of this.#places) if (check !== undefined) grown[check.id & (grown.length - 1)] = check;
    this.#places = grown;
  }
}

function emptyPlaces(count: number): (Pending | undefined)[] {
  return new Array(count).fill(undefined);
}
