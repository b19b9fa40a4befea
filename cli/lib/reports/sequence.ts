/** Lines that come in any order, and are to be printed in one. */

import { print } from "../output.ts";

/** Lines held back at most: what a second brings. Beyond that a slow target loses its place. */
const BOUND = 65536;

/** Prints lines by their numbers, each as soon as those before it are printed, with bounded memory. */
export class Sequence {
  readonly #waiting = new Map<number, string>();
  readonly #bound: number;
  #next = 0;

  /** @param bound How many lines are held back at most. */
  constructor(bound: number = BOUND) {
    this.#bound = bound;
  }

  /** Takes a line; all numbers from 0 are used, once each. */
  put(number: number, line: string): void {
    // Too late: others have been printed in its place.
    if (number < this.#next) return print(line);
    this.#waiting.set(number, line);
    if (this.#waiting.size > this.#bound) this.#skipGap();
    this.#printNext();
  }

  /** Prints what is held back. */
  end(): void {
    while (this.#waiting.size > 0) {
      this.#skipGap();
      this.#printNext();
    }
  }

  #skipGap(): void {
    while (!this.#waiting.has(this.#next)) this.#next++;
  }

  #printNext(): void {
    for (let line; (line = this.#waiting.get(this.#next)) !== undefined; this.#next++) {
      this.#waiting.delete(this.#next);
      print(line);
    }
  }
}
