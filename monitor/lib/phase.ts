/**
 * Phase: the offset of a target's slots within each interval. It is a seeded hash of the id, so that it survives a
 * restart or a new list of targets, and targets that are added together are spread over the interval.
 */

/**
 * Hashes an id: FNV-1a over its UTF-16 code units, then the finalizer of MurmurHash3, since FNV-1a alone leaves the
 * high bits of similar ids similar.
 *
 * @param id The id.
 * @param seed Selects the hash function.
 * @returns 32 bits, as a signed integer: V8 keeps it without a heap number.
 */
export function hash(id: string, seed: number): number {
  let bits = (0x811c9dc5 ^ seed) | 0;
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i);
    bits = Math.imul(bits ^ (unit & 0xff), 0x01000193);
    bits = Math.imul(bits ^ (unit >>> 8), 0x01000193);
  }
  return mix(bits);
}

/** Converts a hash to a number from 0 to less than 1. */
export function share(hash: number): number {
  return (hash >>> 0) / 2 ** 32;
}

/**
 * Periodic slots with jitter. Jitter keeps checks from staying in step with other events of the same period.
 */
export class PeriodicSlots {
  readonly #hash: number;
  readonly #interval: number;
  readonly #spread: number;

  /**
   * @param hash The target's hash.
   * @param interval The mean time between two slots.
   * @param spread The time between two slots is `interval * (1 ± spread)`: 0 to 0.5.
   */
  constructor(hash: number, interval: number, spread: number) {
    this.#hash = hash;
    this.#interval = interval;
    this.#spread = spread;
  }

  /** Returns the number of the first slot after a time. */
  after(time: number): number {
    // Jitter is less than half an interval, so the first slot after `time` is this one or one of the next two.
    let number = Math.floor(time / this.#interval - share(this.#hash));
    while (this.at(number) <= time) number++;
    return number;
  }

  /** Returns the time of a slot. */
  at(number: number): number {
    return (share(this.#hash) + number + (this.#random(number) - 0.5) * this.#spread) * this.#interval;
  }

  /** Returns a pseudo-random number from 0 to 1 for a slot. */
  #random(number: number): number {
    return share(mix(this.#hash ^ Math.imul(number | 0, 0x9e3779b1)));
  }
}

/** fmix32 of MurmurHash3. */
export function mix(bits: number): number {
  let mixed = bits;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
