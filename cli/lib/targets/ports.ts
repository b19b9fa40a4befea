/** Lists and ranges of ports. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";

const LIST = /^\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*$/;

/** Some ports, in the order in which they were written. */
export class Ports {
  readonly #ranges: readonly { readonly first: number; readonly size: number }[];
  /** How many there are. */
  readonly size: number;

  private constructor(ranges: readonly { first: number; size: number }[]) {
    this.#ranges = ranges;
    this.size = ranges.reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Reads ports.
   *
   * @param text `"443"`, `"80,443"`, `"8000-8100,9000"`.
   * @returns The ports, or why they can't be read.
   */
  static parse(text: string): Ports | string {
    if (!LIST.test(text)) return `the port is not a number, nor a list or a range: ${quote(text)}`;
    const ranges = [];
    for (const part of text.split(",")) {
      const [first, last = first] = part.split("-").map(Number);
      const wrong = [first, last].find((port) => port < 1 || port > 65535);
      if (wrong !== undefined) return `port must be an integer from 1 to 65535, it is ${wrong}`;
      if (first > last) return `the range of ports ends before it starts: ${part}`;
      ranges.push({ first, size: last - first + 1 });
    }
    return new Ports(ranges);
  }

  /** The port at an index, from 0. */
  at(index: number): number {
    for (const { first, size } of this.#ranges) {
      if (index < size) return first + index;
      index -= size;
    }
    throw new RangeError(`Cannot find port ${index}`);
  }
}
