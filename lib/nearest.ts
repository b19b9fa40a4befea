/**
 * Suggestions for mistyped words.
 *
 * @example
 * ```ts
 * import { nearest } from "@tcp-shaker/tcp-shaker/nearest";
 *
 * console.log(nearest("timeot", ["timeout", "signal"])); // timeout
 * ```
 *
 * @module
 */

/** Longest text with a suggestion; all known words are shorter. */
const MAX_LENGTH = 20;
/** Shortest prefix that identifies a word. */
const MIN_PREFIX = 3;

/**
 * Finds the word that a mistyped word resembles: the only known word with that prefix, or else the nearest by edit distance,
 * with at most one edit per three letters.
 *
 * @param given The mistyped word.
 * @param words The known words.
 * @returns The word; `undefined` if no word is similar.
 */
export function nearest<Word extends string>(given: string, words: readonly Word[]): Word | undefined {
  if (given.length > MAX_LENGTH) return undefined;
  const typed = given.toLowerCase();
  const longer = typed.length < MIN_PREFIX ? [] : words.filter((word) => word.toLowerCase().startsWith(typed));
  if (longer.length === 1) return longer[0];
  const edits = words.map((word) => editDistance(typed, word.toLowerCase()));
  const least = Math.min(...edits);
  return least <= Math.max(Math.floor(typed.length / 3), 1) ? words[edits.indexOf(least)] : undefined;
}

/**
 * Damerau-Levenshtein distance (optimal string alignment): the number of insertions, deletions, replacements and
 * transpositions of neighbours.
 *
 * @param a A word.
 * @param b Another word.
 * @returns The number of edits.
 */
export function editDistance(a: string, b: string): number {
  let [beforeLast, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + Number(a[i - 1] !== b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
      }
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length];
}
