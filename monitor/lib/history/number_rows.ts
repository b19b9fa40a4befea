/** Rows of numbers in one array, which is copied to a worker at once. */

/** Grows row by row. */
export class NumberRows {
  #array: Float64Array<ArrayBuffer>;
  #length = 0;

  /** @param room Numbers that there is room for; more room is made when it is needed. */
  constructor(room: number) {
    this.#array = new Float64Array(room);
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

  /** All rows, one after the other. */
  numbers(): Float64Array<ArrayBuffer> {
    return this.#array.slice(0, this.#length);
  }
}
