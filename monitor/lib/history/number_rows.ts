/** Growable array of rows of numbers, which is transferred to a worker in one piece. */

/** Growable array of rows. Its capacity doubles when it is full. */
export class NumberRows {
  #array: Float64Array<ArrayBuffer>;
  #length = 0;

  /** @param capacity The initial capacity, in numbers. */
  constructor(capacity: number) {
    this.#array = new Float64Array(capacity);
  }

  /** Adds a row. */
  add(row: ArrayLike<number>): void {
    if (this.#length + row.length > this.#array.length) {
      const array = new Float64Array(2 * (this.#length + row.length));
      array.set(this.#array);
      this.#array = array;
    }
    this.#array.set(row, this.#length);
    this.#length += row.length;
  }

  /** Returns all rows, concatenated. */
  numbers(): Float64Array<ArrayBuffer> {
    return this.#array.slice(0, this.#length);
  }
}
