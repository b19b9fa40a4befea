/** Natural order of ids: numbers are compared by value, so that `db-9` comes before `db-10`. */

/** Sorts targets by id, and caches the order: sorting the same ids again compares each id once. */
export class IdOrder {
  #ids: readonly string[] = [];
  /** Indices of {@linkcode #ids}, sorted. */
  #order: readonly number[] = [];

  /**
   * Sorts.
   *
   * @param items Items with distinct ids.
   * @returns The items, in order.
   */
  sort<Item extends { readonly id: string }>(items: readonly Item[]): Item[] {
    if (items.length !== this.#ids.length || items.some(({ id }, i) => id !== this.#ids[i])) {
      this.#ids = items.map(({ id }) => id);
      const keys = this.#ids.map(sortKey);
      this.#order = keys.map((_, i) => i).sort((a, b) => compareTexts(keys[a], keys[b]) || a - b);
    }
    return this.#order.map((i) => items[i]);
  }
}

/**
 * Compares targets by group, then by id.
 *
 * @returns A negative number if `a` comes first, a positive one if `b` does.
 */
export function compareTargets(a: GroupedId, b: GroupedId): number {
  return compareTexts(a.group, b.group) || compareTexts(sortKey(a.id), sortKey(b.id));
}

interface GroupedId {
  readonly group: string;
  readonly id: string;
}

/** Compares texts by UTF-16 units. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Maximum number of digits that are compared as a number. */
const DIGITS = 10;

/** Returns a text that sorts by UTF-16 units like the id. It ends with the id, because leading zeros are dropped. */
function sortKey(id: string): string {
  return `${id.replace(/\d+/g, (digits) => digits.padStart(DIGITS, "0"))}\0${id}`;
}
