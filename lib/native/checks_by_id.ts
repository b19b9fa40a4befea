/** The checks under way, found by their ids. */

import type { Pending } from "../engine.ts";

/** A power of two. */
const FIRST_SIZE = 256;
/** What is kept while nothing is under way: enough for rounds of as many checks as `checkAll()` has at once by default. */
const KEPT_SIZE = 8192;
/** Ids stay below this, a power of two: they are small integers to V8, which are the quickest. */
const ID_LIMIT = 2 ** 30;

/**
 * A ring of places: an id's lower bits say which is its own. Ids are given in turn, except those whose place is taken.
 * It costs a third of what a map does, for which millions of keys that come once each are the worst of cases.
 */
export class ChecksById {
  #places: (Pending | undefined)[] = emptyPlaces(FIRST_SIZE);
  #size = 0;
  #lastId = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** Adds a check, under an id that no other has had for a long time: results of one that is gone may still come. */
  add(check: Pending): number {
    // Half of the places are free, so the next free one is near.
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

  /** The check that has an id. */
  get(id: number): Pending | undefined {
    const check = this.#places[id & (this.#places.length - 1)];
    return check?.id === id ? check : undefined;
  }

  /** Takes a check out. Returns whether it was in. */
  delete(check: Pending): boolean {
    const place = check.id & (this.#places.length - 1);
    if (this.#places[place] !== check) return false;
    this.#places[place] = undefined;
    // What a flood has left is given back once nothing is under way: until then two may want the same place of fewer.
    if (--this.#size === 0 && this.#places.length > KEPT_SIZE) this.#places = emptyPlaces(FIRST_SIZE);
    return true;
  }

  /** Takes all checks out. */
  clear(): Pending[] {
    const checks = this.#places.filter((check) => check !== undefined);
    this.#places = emptyPlaces(FIRST_SIZE);
    this.#size = 0;
    return checks;
  }

  /** No two that have a place each have the same one among twice as many. */
  #grow(): void {
    const grown = emptyPlaces(2 * this.#places.length);
    for (const check of this.#places) if (check !== undefined) grown[check.id & (grown.length - 1)] = check;
    this.#places = grown;
  }
}

function emptyPlaces(count: number): (Pending | undefined)[] {
  return new Array(count).fill(undefined);
}
