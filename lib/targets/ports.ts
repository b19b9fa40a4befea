/** Lists and ranges of ports. */

import { quote } from "../quote.ts";
import { firstAbove } from "./first_above.ts";

const RANGE = /^(\d+)(?:-(\d+))?$/;
/** Maximum number of digits of a port. Leading zeros are rejected beyond that, because outputs repeat the port as given. */
const MAX_DIGITS = 5;

/** Ordered set of port ranges, with binary search by index. */
export class Ports {
  /** The first port of each range. */
  readonly #starts: readonly number[];
  /** The number of ports in each range and the ranges before it. */
  readonly #ends: readonly number[];
  /** The number of ports. */
  readonly size: number;

  private constructor(starts: readonly number[], ends: readonly number[]) {
    this.#starts = starts;
    this.#ends = ends;
    this.size = ends[ends.length - 1];
  }

  /**
   * Parses ports.
   *
   * @param text `"443"`, `"80,443"`, `"8000-8100,9000"`.
   * @returns The ports, or the reason why the text is malformed.
   */
  static parse(text: string): Ports | string {
    const starts = [];
    const ends = [];
    let size = 0;
    for (const part of text.split(",")) {
      const [match, first, last = first] = RANGE.exec(part) ?? [];
      if (match === undefined) return `the port is not a number, a list or a range: ${quote(text)}`;
      const wrong = [first, last].find((port) => port.length > MAX_DIGITS || Number(port) < 1 || Number(port) > 65535);
      if (wrong !== undefined) return `port must be an integer from 1 to 65535, it is ${numberText(wrong)}`;
      if (Number(first) > Number(last)) return `the range of ports ends before it starts: ${part}`;
      starts.push(Number(first));
      ends.push(size += Number(last) - Number(first) + 1);
    }
    return new Ports(starts, ends);
  }

  /** Returns the port at an index, from 0. */
  at(index: number): number {
    const range = firstAbove(this.#ends, index);
    return this.#starts[range] + index - (this.#ends[range - 1] ?? 0);
  }
}

function numberText(digits: string): string {
  return digits.length > 20 ? `${digits.slice(0, 20)}... (${digits.length} characters)` : digits;
}
