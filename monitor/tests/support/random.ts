/** Seeded pseudo-random numbers, so that a failure is reproducible. */

/** Mulberry32 (Tommy Ettinger, public domain): small, and random enough for test inputs. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A number in [0, 1). */
  share(): number {
    this.#state = this.#state + 0x6d2b79f5 | 0;
    let bits = Math.imul(this.#state ^ this.#state >>> 15, 1 | this.#state);
    bits = bits + Math.imul(bits ^ bits >>> 7, 61 | bits) ^ bits;
    return ((bits ^ bits >>> 14) >>> 0) / 2 ** 32;
  }

  /** An integer from `first` to `last`, inclusive. */
  integer(first: number, last: number): number {
    return first + Math.floor(this.share() * (last - first + 1));
  }

  /** A random element. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.integer(0, choices.length - 1)];
  }
}
