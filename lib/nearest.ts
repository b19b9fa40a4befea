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

/** No word of ours is longer; a text that is longer resembles none of them. */
const MAX_LENGTH = 20;
/** So many letters tell what a word begins with, but not less. */
const MIN_PREFIX = 3;

/**
 * Finds the word that a mistyped one was meant to be: the one that starts with it, if there is but one, or the nearest by
 * edit distance, of which there is one edit in three letters at most.
 *
 * @param given What was typed.
 * @param words The words there are.
 * @returns The word; `undefined` if none resembles what was typed.
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
 * Damerau-Levenshtein distance, in the form of optimal string alignment: how many letters are to be inserted, deleted,
 * replaced, or exchanged with their neighbour.
 *
 * @param a A word.
 * @param b Another one.
 * @returns How many.
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
