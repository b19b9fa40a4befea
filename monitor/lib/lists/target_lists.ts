/** All target lists of an agent, and the targets that they amount to. */

import type { Configuration, TargetListConfiguration } from "../config/configuration.ts";
import type { ListStatus } from "../agent/view.ts";
import type { MonitorTarget } from "../target.ts";
import { FileList } from "./file_list.ts";
import { HttpList } from "./http_list.ts";
import type { ListOwner, ParseList, TargetList } from "./target_list.ts";

/** How long an agent waits for the first read of its lists, in ms. A list that takes longer adds its targets later. */
const FIRST_READ = 2000;

/** A list, and its configuration as a key. */
interface Member {
  readonly type: TargetListConfiguration["type"];
  readonly key: string;
  readonly list: TargetList;
}

/** Target lists. */
export class TargetLists implements AsyncDisposable {
  readonly #lists: readonly Member[];
  /** Called after each read, apart from the first ones. */
  onRead: () => void = () => {};
  /** How many targets of each list were left out by the last merge. */
  #duplicates: number[] = [];

  private constructor(lists: readonly Member[]) {
    this.#lists = lists;
  }

  /**
   * Opens the lists of a configuration, and reads each once. A list that can't be read is empty, and has a problem.
   *
   * @param configuration The configuration.
   * @param parse Parses the text of a list.
   * @param before The lists of the configuration before: the targets of a list with the same configuration stay where
   * it can't be read.
   * @returns The lists.
   */
  static async open(
    configuration: Configuration,
    parse: ParseList,
    before?: TargetLists,
  ): Promise<TargetLists> {
    const { lists, groups, monitor: defaults } = configuration;
    let owner: TargetLists | undefined;
    const opened = lists.map((configuration, index): Member => {
      const { type, group, labels } = configuration;
      const key = keyOf(configuration);
      const format = { group, labels, groups, defaults };
      const number = index - lists.findIndex((list) => list.type === type);
      const same = before === undefined ? undefined : before.#lists.find((member) => member.key === key)?.list;
      return {
        type,
        key,
        list: openList(configuration, number, { parse, format, onRead: () => owner?.onRead() }, same),
      };
    });
    await firstRead(opened.map(({ list }) => list.start()));
    return owner = new TargetLists(opened);
  }

  /**
   * Merges targets with those of the lists. The first target with an id wins; the others are counted.
   *
   * @param targets The targets that come first.
   * @returns All targets, without another one of the same id.
   */
  merge(targets: readonly MonitorTarget[]): MonitorTarget[] {
    if (this.#lists.length === 0) return [...targets];
    const merged = new Map<string, MonitorTarget>(targets.map((target) => [idOf(target), target]));
    this.#duplicates = this.#lists.map(({ list }) => {
      const before = merged.size;
      const listed = list.targets;
      for (const { id, target } of listed) if (!merged.has(id)) merged.set(id, target);
      return listed.length - (merged.size - before);
    });
    return [...merged.values()];
  }

  /** The state of each list. */
  statuses(): ListStatus[] {
    return this.#lists.map(({ type, list: { name, targets, problem, readAt } }, index) => ({
      type,
      name,
      targets: targets.length,
      duplicates: this.#duplicates[index] ?? 0,
      ...problem !== undefined && { problem },
      ...readAt !== undefined && { readAt },
    }));
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

/** Equal for equal configurations. It contains secrets. */
function keyOf(list: TargetListConfiguration): string {
  return JSON.stringify(list.type === "http_sd" ? { ...list, url: list.url.reveal() } : list);
}

async function firstRead(reads: readonly Promise<void>[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, FIRST_READ);
  await Promise.race([promise, Promise.all(reads)]);
  clearTimeout(timer);
}

/** The id of a target of a configuration, whose addresses are in canonical form. */
function idOf(target: MonitorTarget): string {
  return typeof target === "string" ? target : target.id ?? target.target as string;
}
