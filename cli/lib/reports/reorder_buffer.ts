/** Reorder buffer: accepts lines in any order, and prints them by number. */

import { printEscaped } from "../output.ts";

/** Maximum number of held lines. */
const MAX_HELD_LINES = 65536;

/**
 * Prints lines by number, each as soon as the lines before it are printed.
 *
 * When the buffer is full, it skips the first missing numbers. Their lines are printed when they arrive.
 */
export class ReorderBuffer {
  readonly #held = new Map<number, string>();
  readonly #capacity: number;
  #next = 0;

  /** @param capacity The maximum number of held lines. */
  constructor(capacity: number = MAX_HELD_LINES) {
    this.#capacity = capacity;
  }

  /** Adds an escaped line by its number. Numbers start at 0, and each is used once. */
  put(number: number, line: string): void {
    // The number was skipped.
    if (number < this.#next) return printEscaped(line);
    this.#held.set(number, line);
    if (this.#held.size > this.#capacity) this.#skipGap();
    this.#printReady();
  }

  /** Prints the held lines in order, and skips missing numbers. */
  end(): void {
    while (this.#held.size > 0) {
      this.#skipGap();
      this.#printReady();
    }
  }

  #skipGap(): void {
    while (!this.#held.has(this.#next)) this.#next++;
  }

  #printReady(): void {
    for (let line; (line = this.#held.get(this.#next)) !== undefined; this.#next++) {
      this.#held.delete(this.#next);
      printEscaped(line);
    }
  }
}
