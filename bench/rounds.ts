/** Contestants that take turns, and how they compare. */

import { median } from "./numbers.ts";

/** What contestants scored, round by round. */
export class Rounds<Score> {
  /** By the name of the contestant; those whose turn was void are not in it. */
  readonly #rounds: ReadonlyMap<string, Score>[] = [];

  /**
   * Has contestants take turns.
   *
   * @param contestants Who takes part.
   * @param rounds How often.
   * @param play One turn of one of them: its score, or nothing when it is void.
   */
  static async play<Contestant extends { readonly name: string }, Score>(
    contestants: readonly Contestant[],
    rounds: number,
    play: (contestant: Contestant) => Promise<Score | undefined>,
  ): Promise<Rounds<Score>> {
    const played = new Rounds<Score>();
    for (let round = 0; round < rounds; round++) {
      const scores = new Map<string, Score>();
      // Every second round goes backwards, so that a machine that warms up favours nobody.
      for (const contestant of round % 2 === 0 ? contestants : contestants.toReversed()) {
        const score = await play(contestant);
        if (score !== undefined) scores.set(contestant.name, score);
      }
      played.#rounds.push(scores);
    }
    return played;
  }

  /** The median of what a contestant scored. */
  median(name: string, read: (score: Score) => number): number {
    return median(this.#of(name).map(read));
  }

  /** The most that a contestant scored. */
  max(name: string, read: (score: Score) => number): number {
    return Math.max(...this.#of(name).map(read));
  }

  /**
   * How a contestant compares with another: the median of the ratios within a round, since what slows the machine down
   * for a while slows both down.
   */
  ratio(name: string, other: string, read: (score: Score) => number): number {
    return this.#compare(name, other, (score, peer) => read(score) / read(peer));
  }

  /** How much more a contestant scored than another: the median of the differences within a round. */
  difference(name: string, other: string, read: (score: Score) => number): number {
    return this.#compare(name, other, (score, peer) => read(score) - read(peer));
  }

  /** How many of a contestant's turns are not void. */
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
