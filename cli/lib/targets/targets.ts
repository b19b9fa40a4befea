/** The targets of a run: first from the arguments, then from files, which are read line by line. */

import { printable, quote } from "@tcp-shaker/tcp-shaker/quote";
import { printError, untilWritable } from "../output.ts";
import { UsageError } from "../usage_error.ts";
import { type Line, type LineSource, MAX_LINE, openLines, readLines } from "./lines.ts";
import type { Target } from "../target.ts";
import { TargetSet, type TargetSetOptions } from "./target_set.ts";

/** The sources of targets, and how to parse them. */
export interface TargetSources {
  readonly texts: readonly string[];
  /** The index of the first text after `--`, if targets or files were given before it. */
  readonly afterDashes?: number;
  readonly files: readonly string[];
  readonly options: TargetSetOptions;
  /** Whether a malformed line of a file is an error, before the first check. */
  readonly isStrict: boolean;
}

/** The targets, in order. They can be iterated only once, because stdin is read. */
export class Targets implements AsyncIterable<Target> {
  /** The sets of the arguments; with `--strict`, of files too. */
  readonly #parsed: readonly TargetSet[];
  readonly #files: readonly LineSource[];
  readonly #options: TargetSetOptions;
  readonly #signal: AbortSignal;
  #skipped = 0;

  private constructor(
    parsed: readonly TargetSet[],
    files: readonly LineSource[],
    options: TargetSetOptions,
    signal: AbortSignal,
  ) {
    this.#parsed = parsed;
    this.#files = files;
    this.#options = options;
    this.#signal = signal;
  }

  /**
   * Parses the arguments, and opens the files.
   *
   * @param sources The sources.
   * @param signal Ends the reading of files, and the messages about their lines.
   * @returns The targets.
   * @throws {UsageError} If an argument is malformed, or a file can't be read.
   */
  static async open(
    { texts, afterDashes, files, options, isStrict }: TargetSources,
    signal: AbortSignal,
  ): Promise<Targets> {
    const parsed = [];
    for (const [i, text] of texts.entries()) {
      const neighbours = { isFirst: i === 0, next: texts[i + 1], isCommand: i === afterDashes };
      parsed.push(TargetSet.parse(text, options, neighbours));
    }
    const sources = await Promise.all(files.map(openLines));
    if (!isStrict) return new Targets(parsed, sources, options, signal);
    for (const source of sources) {
      for await (const line of readLines(source)) parsed.push(parseLine(source, line, options));
    }
    return new Targets(parsed, [], options, signal);
  }

  /** The number of targets; `undefined` if files are still to be read. */
  get total(): number | undefined {
    return this.#files.length > 0 ? undefined : this.#parsed.reduce((sum, { size }) => sum + size, 0);
  }

  /** The number of malformed lines skipped so far. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Returns the first and last target of each argument, usually the longest ones, to set the width of columns. */
  samples(): Target[] {
    return this.#parsed.flatMap((set) => [set.at(0), set.at(set.size - 1)]);
  }

  /** Yields the targets as sets, one per argument or line. */
  async *sets(): AsyncGenerator<TargetSet, void, void> {
    yield* this.#parsed;
    for (const file of this.#files) {
      for await (const line of readLines(file)) {
        // Further messages would keep the final flush from ending.
        if (this.#signal.aborted) return;
        try {
          yield parseLine(file, line, this.#options);
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
          this.#skipped++;
          printError(`${error.message}; skipped`);
          await untilWritable();
        }
      }
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Target, void, void> {
    for await (const set of this.sets()) for (let i = 0; i < set.size; i++) yield set.at(i);
  }
}

/** Number of characters shown of a line that is too long. */
const SHOWN_START = 40;

function parseLine({ name }: LineSource, line: Line, options: TargetSetOptions): TargetSet {
  const { number, text, isCut } = line;
  try {
    if (isCut) {
      // The length of the line is unknown, because its rest was not kept.
      const start = quote(text.slice(0, SHOWN_START), Infinity);
      throw new UsageError(`Cannot check ${start}...: the line has more than ${MAX_LINE} characters: split it`);
    }
    return TargetSet.parse(text, options);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${printable(name)}:${number}: ${error.message}`);
  }
}
