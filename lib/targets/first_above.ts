/**
 * Binary search.
 *
 * @example
 * ```ts
 * import { firstAbove } from "@tcp-shaker/tcp-shaker/first-above";
 *
 * console.log(firstAbove([10, 20, 30], 20)); // 2
 * ```
 *
 * @module
 */

/**
 * Finds the first of some ascending numbers that is above a bound, by binary search.
 *
 * @param numbers The numbers. If the last one is not above the bound, its index is returned.
 * @param floor The bound.
 * @returns The index.
 * @typeParam T `number` or `bigint`.
 */
export function firstAbove<T extends number | bigint>(numbers: readonly T[], floor: T): number {
  let [low, high] = [0, numbers.length - 1];
  while (low < high) {
    const middle = low + high >>> 1;
    if (numbers[middle] > floor) high = middle;
    else low = middle + 1;
  }
  return low;
}
