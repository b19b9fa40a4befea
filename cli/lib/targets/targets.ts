/** All targets of a run: those of the arguments, and then those of files, a line at a time. */

import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { complain, room } from "../output.ts";
import { UsageError } from "../usage_error.ts";
import { type Line, type LineSource, MAX_LINE, openLines, readLines } from "./lines.ts";
import type { Target } from "./target.ts";
import { cannot, type Reading, TargetSet } from "./target_set.ts";

/** Where targets come from, and how they are read. */
export interface TargetSources {
  readonly texts: readonly string[];
  readonly files: readonly string[];
  readonly reading: Reading;
  /** Whether a malformed line of a file ends the run, before anything is checked. */
  readonly strict: boolean;
}

/** The targets, in order. Can be gone through once. */
export class Targets implements AsyncIterable<Target> {
  readonly #known: readonly TargetSet[];
  readonly #files: readonly LineSource[];
  readonly #reading: Reading;
  readonly #signal: AbortSignal;
  #skipped = 0;

  private constructor(
    known: readonly TargetSet[],
    files: readonly LineSource[],
    reading: Reading,
    signal: AbortSignal,
  ) {
    this.#known = known;
    this.#files = files;
    this.#reading = reading;
    this.#signal = signal;
  }

  /**
   * Reads the arguments, and opens the files.
   *
   * @param sources Where targets come from.
   * @param signal Ends the reading of files, and what is said of their lines.
   * @returns The targets.
   * @throws {UsageError} If an argument makes no sense, or a file can't be read.
   */
  static async open({ texts, files, reading, strict }: TargetSources, signal: AbortSignal): Promise<Targets> {
    const known = [];
    for (const [i, text] of texts.entries()) {
      known.push(TargetSet.parse(text, reading, { isFirst: i === 0, next: texts[i + 1] }));
    }
    const sources = await Promise.all(files.map(openLines));
    if (!strict) return new Targets(known, sources, reading, signal);
    for (const source of sources) {
      for await (const line of readLines(source)) known.push(parseLine(source, line, reading));
    }
    return new Targets(known, [], reading, signal);
  }

  /** How many there are, if that is known before they are read. */
  get total(): number | undefined {
    return this.#files.length > 0 ? undefined : this.#known.reduce((sum, { size }) => sum + size, 0);
  }

  /** How many malformed lines were left out so far. */
  get skipped(): number {
    return this.#skipped;
  }

  /** A few of the targets, the longest among them as a rule: what columns are made for. */
  samples(): Target[] {
    return this.#known.flatMap((set) => [set.at(0), set.at(set.size - 1)]);
  }

  /** The targets as they were written, for those who want to choose among all of them. */
  async *sets(): AsyncGenerator<TargetSet, void, void> {
    yield* this.#known;
    for (const file of this.#files) {
      for await (const line of readLines(file)) {
        // Whoever waits until all is printed would wait for more and more.
        if (this.#signal.aborted) return;
        try {
          yield parseLine(file, line, this.#reading);
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
          this.#skipped++;
          complain(`${error.message}; skipped`);
          await room();
        }
      }
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Target, void, void> {
    for await (const set of this.sets()) for (let i = 0; i < set.size; i++) yield set.at(i);
  }
}

function parseLine({ name }: LineSource, line: Line, reading: Reading): TargetSet {
  const { number, text, isCut } = line;
  try {
    if (isCut) cannot(text, `the line has more than ${MAX_LINE} characters: split it`);
    return TargetSet.parse(text, reading);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${printable(name)}:${number}: ${error.message}`);
  }
}
