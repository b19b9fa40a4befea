/** Seeded pseudo-random numbers: the seed determines every draw. */

import { uniformInt } from "npm:pure-rand@8.4.2/distribution/uniformInt";
import { xoroshiro128plus } from "npm:pure-rand@8.4.2/generator/xoroshiro128plus";

/** Maximum seed. */
export const MAX_SEED = 2 ** 31 - 1;

/** A sequence of draws. */
export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plus>;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** An integer, both ends included. */
  integer(min: number, max: number): number {
    return uniformInt(this.#generator, min, max);
  }

  /** One of several. */
  oneOf<T>(several: readonly T[]): T {
    return several[this.integer(0, several.length - 1)];
  }

  /** A separate sequence for each concurrent job, so that draws do not depend on the scheduler. */
  fork(): Random {
    return new Random(this.integer(0, MAX_SEED));
  }
}
