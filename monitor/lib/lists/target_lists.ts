/** All target lists of an agent, and their merged targets. */

import { atMost } from "../at_most.ts";
import type { Configuration, TargetListConfiguration } from "../config/configuration.ts";
import { idOf, type MonitorTarget } from "../target.ts";
import { secretKey } from "../config/values/secret.ts";
import type { ListStatus } from "./list_status.ts";
import { FileList } from "./file_list.ts";
import { HttpList } from "./http_list.ts";
import type { ListParser } from "./list_parser.ts";
import type { ListOwner, TargetList } from "./target_list.ts";

/** Time limit for the first read of a URL before the agent starts, in ms. A slower list adds its targets later. */
const FIRST_READ = 2000;

/** A list, and its source as a key. */
interface Member {
  readonly type: TargetListConfiguration["type"];
  readonly key: string;
  readonly list: TargetList;
}

/** Target lists. */
export class TargetLists implements AsyncDisposable {
  readonly #lists: readonly Member[];
  /** Parses the lists. Replaceable, because the first reads use another parser. */
  parser: ListParser;
  #onRead: (() => void) | undefined;
  /** Whether there was a read before {@linkcode TargetLists.follow}. */
  #hasMissedRead = false;
  /** Number of duplicates of each list in the last merge. */
  #duplicates: number[] = [];

  private constructor(lists: readonly Member[], parser: ListParser) {
    this.#lists = lists;
    this.parser = parser;
  }

  /**
   * Opens the lists of a configuration, and reads each once. A list that can't be read is empty, and has a problem.
   *
   * @param configuration The configuration.
   * @param parser Parses the texts of lists.
   * @param before The lists of the previous configuration. Targets of a list with the same files or URL are kept if it
   * can't be read.
   * @returns The lists.
   */
  static async open(
    configuration: Configuration,
    parser: ListParser,
    before?: TargetLists,
  ): Promise<TargetLists> {
    const { lists, groups, monitor: defaults } = configuration;
    let owner: TargetLists | undefined;
    const opened = lists.map((configuration, index): Member => {
      const { type, group, labels } = configuration;
      const key = sourceKey(configuration);
      const format = { group, labels, groups, defaults };
      const number = index - lists.findIndex((list) => list.type === type);
      const listOwner: ListOwner = {
        parse: (...args) => (owner?.parser ?? parser).list(...args),
        format,
        onRead: () => {
          if (owner !== undefined) owner.#read();
        },
      };
      const same = before === undefined ? undefined : before.#lists.find((member) => member.key === key)?.list;
      return {
        type,
        key,
        list: openList(configuration, number, listOwner, same),
      };
    });
    await Promise.all(
      opened.map(({ type, list }) => type === "http_sd" ? atMost(FIRST_READ, list.start()) : list.start()),
    );
    return owner = new TargetLists(opened, parser);
  }

  /**
   * Merges targets with the targets of the lists. The first target with an id wins; the others are counted as
   * duplicates.
   *
   * @param targets The targets that precede the lists.
   * @returns Yields the targets, whose ids are unique.
   */
  *merge(targets: readonly MonitorTarget[]): Generator<MonitorTarget, void> {
    if (this.#lists.length === 0) return yield* targets;
    const ids = new Set<string>();
    for (const target of targets) {
      ids.add(idOf(target));
      yield target;
    }
    const duplicates: number[] = [];
    for (const { list } of this.#lists) {
      let count = 0;
      for (const target of list.targets) {
        const { size } = ids;
        if (ids.add(idOf(target)).size > size) yield target;
        else count++;
      }
      duplicates.push(count);
    }
    this.#duplicates = duplicates;
  }

  /**
   * Calls back after each read from now on, and at once if there was a read since the lists were opened.
   *
   * @param onRead The callback.
   */
  follow(onRead: () => void): void {
    this.#onRead = onRead;
    if (this.#hasMissedRead) onRead();
  }

  /** The state of each list. */
  statuses(): ListStatus[] {
    return this.#lists.map(({ type, list: { name, size, problem, readAt } }, index) => ({
      type,
      name,
      targets: size,
      duplicates: this.#duplicates[index] ?? 0,
      ...problem !== undefined && { problem },
      ...readAt !== undefined && { readAt },
    }));
  }

  /** Why lists can't be read, a message for each. */
  problems(): string[] {
    return this.#lists.flatMap(({ list: { name, problem } }) =>
      problem === undefined ? [] : [`Cannot read the target list ${name}: ${problem}`]
    );
  }

  /** Whether the last read of each list succeeded. */
  get isComplete(): boolean {
    return this.#lists.every(({ list: { readAt, problem } }) => readAt !== undefined && problem === undefined);
  }

  #read(): void {
    if (this.#onRead === undefined) this.#hasMissedRead = true;
    else this.#onRead();
  }

  /** Stops reading. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#lists.map(({ list }) => list[Symbol.asyncDispose]()));
  }
}

function openList(
  list: TargetListConfiguration,
  index: number,
  owner: ListOwner,
  before: TargetList | undefined,
): TargetList {
  return list.type === "http_sd" ? new HttpList(list, index, owner, before) : new FileList(list, owner, before);
}

/** A text that is equal for lists of the same files or URL, with any labels and interval. */
function sourceKey(list: TargetListConfiguration): string {
  return secretKey([list.type, list.type === "http_sd" ? list.url : list.files]);
}
