/** Table of the checks in flight, keyed by id. */

import type { Pending } from "../engine.ts";

/** Initial number of slots, a power of two. */
const INITIAL_SLOTS = 256;
/** Number of slots that an empty table keeps: twice the default concurrency of `checkAll()`. */
const KEPT_SLOTS = 8192;
/** Exclusive upper bound of ids, a power of two: V8 stores smaller ids as small integers (Smi), without a heap object. */
const ID_LIMIT = 2 ** 30;

/**
 * Direct-mapped table: the low bits of an id are the index of its slot. Ids are assigned in sequence; an id whose slot is
 * occupied is skipped. The table takes a third of the time of a `Map`, which rehashes often when each key is used once.
 */
export class ChecksById {
  #slots: (Pending | undefined)[] = emptySlots(INITIAL_SLOTS);
  #size = 0;
  #lastId = 0;

  /** The number of checks. */
  get size(): number {
    return this.#size;
  }

  /** Adds a check, and returns its new id. Ids are reused late, because results of cancelled checks may still arrive. */
  add(check: Pending): number {
    // At least half of the slots are free, so the search for a free one is short.
    if (2 * this.#size >= this.#slots.length) this.#grow();
    const slots = this.#slots;
    const mask = slots.length - 1;
    let id = this.#lastId;
    do id = (id + 1) % ID_LIMIT; while (slots[id & mask] !== undefined);
    slots[id & mask] = check;
    this.#size++;
    this.#lastId = id;
    check.id = id;
    return id;
  }

  /** Finds the check with an id. Returns `undefined` if that check was removed. */
  get(id: number): Pending | undefined {
    const check = this.#slots[id & (this.#slots.length - 1)];
    return check?.id === id ? check : undefined;
  }

  /** Removes a check. Returns whether it was in the table. */
  delete(check: Pending): boolean {
    const slot = check.id & (this.#slots.length - 1);
    if (this.#slots[slot] !== check) return false;
    this.#slots[slot] = undefined;
    // Only an empty table shrinks, because in a smaller table two checks could map to the same slot.
    if (--this.#size === 0 && this.#slots.length > KEPT_SLOTS) this.#slots = emptySlots(INITIAL_SLOTS);
    return true;
  }

  /** Removes all checks, and returns them. */
  clear(): Pending[] {
    const checks = this.#slots.filter((check) => check !== undefined);
    this.#slots = emptySlots(INITIAL_SLOTS);
    this.#size = 0;
    return checks;
  }

  /** Doubles the table. Checks never collide, because each index only gains a bit. */
  #grow(): void {
    const grown = emptySlots(2 * this.#slots.length);
    for (const check of this.#slots) if (check !== undefined) grown[check.id & (grown.length - 1)] = check;
    this.#slots = grown;
  }
}

function emptySlots(count: number): (Pending | undefined)[] {
  return new Array(count).fill(undefined);
}
