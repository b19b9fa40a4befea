/** Reorder buffer: takes lines in any order, and prints them by their numbers. */

import { printEscaped } from "../output.ts";

/** Maximum number of held lines, about one second of checks. */
const MAX_HELD_LINES = 65536;

/**
 * Prints lines by their numbers, each as soon as the lines before it are printed.
 *
 * The buffer is bounded. When it is full, it no longer waits for the first missing number, whose line is then printed
 * when it arrives.
 */
export class ReorderBuffer {
  readonly #held = new Map<number, string>();
  readonly #capacity: number;
  #next = 0;

  /** @param capacity How many lines to hold at most. */
  constructor(capacity: number = MAX_HELD_LINES) {
    this.#capacity = capacity;
  }

  /** Adds a line, in which foreign text is escaped, by its number. Numbers start at 0, and each is used once. */
  put(number: number, line: string): void {
    // The buffer no longer waited for this line.
    if (number < this.#next) return printEscaped(line);
    this.#held.set(number, line);
    if (this.#held.size > this.#capacity) this.#skipGap();
    this.#printReady();
  }

  /** Prints the lines that are held, in order, over all gaps. */
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
