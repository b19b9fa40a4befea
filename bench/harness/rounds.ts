/** Rounds of trials, and comparisons of their scores. */

import { median } from "./numbers.ts";

/** Scores, round by round. */
export class Rounds<Score> {
  /** Scores by name of the contestant, without invalid trials. */
  readonly #rounds: ReadonlyMap<string, Score>[] = [];

  /**
   * Runs all rounds.
   *
   * @param contestants The contestants.
   * @param rounds The number of rounds.
   * @param runTrial Runs one trial, and returns its score, or `undefined` if it is invalid.
   */
  static async run<Contestant extends { readonly name: string }, Score>(
    contestants: readonly Contestant[],
    rounds: number,
    runTrial: (contestant: Contestant) => Promise<Score | undefined>,
  ): Promise<Rounds<Score>> {
    const all = new Rounds<Score>();
    for (let round = 0; round < rounds; round++) {
      const scores = new Map<string, Score>();
      // Every second round is in reverse order, so that a machine that warms up favours no contestant.
      for (const contestant of round % 2 === 0 ? contestants : contestants.toReversed()) {
        const score = await runTrial(contestant);
        if (score !== undefined) scores.set(contestant.name, score);
      }
      all.#rounds.push(scores);
    }
    return all;
  }

  /** The median score of a contestant. */
  median(name: string, read: (score: Score) => number): number {
    return median(this.#of(name).map(read));
  }

  /** The highest score of a contestant. */
  max(name: string, read: (score: Score) => number): number {
    return Math.max(...this.#of(name).map(read));
  }

  /**
   * The ratio of two contestants: the median of the ratios within a round, because a slow phase of the machine affects
   * both.
   */
  ratio(name: string, other: string, read: (score: Score) => number): number {
    return this.#compare(name, other, (score, peer) => read(score) / read(peer));
  }

  /** The difference of two contestants: the median of the differences within a round. */
  difference(name: string, other: string, read: (score: Score) => number): number {
    return this.#compare(name, other, (score, peer) => read(score) - read(peer));
  }

  /** The number of valid trials of a contestant. */
  valid(name: string): string {
    return `${this.#of(name).length} of ${this.#rounds.length}`;
  }

  #of(name: string): Score[] {
    return this.#rounds.flatMap((scores) => scores.get(name) ?? []);
  }

  #compare(name: string, other: string, compare: (score: Score, peer: Score) => number): number {
    return median(this.#rounds.flatMap((scores) => {
      const [score, peer] = [scores.get(name), scores.get(other)];
      return score === undefined || peer === undefined ? [] : compare(score, peer);
    }));
  }
}
