/** Random permutation of target sets that are too large to list. */

import { firstAbove } from "@tcp-shaker/tcp-shaker/first-above";
import type { Target } from "../target.ts";
import type { TargetSet } from "./target_set.ts";

const FEISTEL_ROUNDS = 4;

/**
 * Pseudorandom permutation of the numbers below a limit, in constant memory: a Feistel network with cycle walking.
 *
 * A Feistel network permutes the numbers of an even count of bits, with any round function. A result that is not below
 * the limit is permuted again (Black and Rogaway, Ciphers with Arbitrary Finite Domains, 2002).
 */
export class Permutation {
  readonly #size: number;
  readonly #half: number;
  readonly #keys: readonly number[];

  /**
   * @param size The number of numbers, at most 2^52.
   * @param seed Selects the permutation: a whole number below 2^32.
   */
  constructor(size: number, seed: number) {
    this.#size = size;
    let half = 1;
    while (half * half < size) half *= 2;
    this.#half = half;
    this.#keys = Array.from({ length: FEISTEL_ROUNDS }, (_, round) => mix(seed ^ mix(round + 1)));
  }

  /** Returns the number at an index, from 0. */
  at(index: number): number {
    do index = this.#permute(index); while (index >= this.#size);
    return index;
  }

  /** Applies the network, by arithmetic instead of shifts, because JavaScript's shifts have 32 bits. */
  #permute(index: number): number {
    let left = Math.floor(index / this.#half);
    let right = index % this.#half;
    for (const key of this.#keys) [left, right] = [right, (left + mix(right ^ key)) % this.#half];
    return left * this.#half + right;
  }
}

/** The finalizer of MurmurHash3, by Austin Appleby: every bit of the input affects every bit of the output. */
function mix(number: number): number {
  number = Math.imul(number ^ number >>> 16, 0x85ebca6b);
  number = Math.imul(number ^ number >>> 13, 0xc2b2ae35);
  return (number ^ number >>> 16) >>> 0;
}

/**
 * Yields all targets of several sets in random order.
 *
 * @param sets The sets.
 * @param seed Selects the order.
 * @returns Each target once.
 */
export function* shuffled(sets: readonly TargetSet[], seed: number): Generator<Target, void, void> {
  const ends: number[] = [];
  let size = 0;
  for (const set of sets) ends.push(size += set.size);
  const permutation = new Permutation(size, seed);
  for (let i = 0; i < size; i++) {
    const index = permutation.at(i);
    const set = firstAbove(ends, index);
    yield sets[set].at(index - (ends[set] - sets[set].size));
  }
}
