/** The storms of all groups, and the storm over all targets. */

import {
  CALM,
  endStorm,
  judgeStorm,
  type StormChange,
  type StormOptions,
  type StormState,
  type Turn,
} from "./storm.ts";
import type { Entry } from "./entry.ts";

/** Targets in which a storm is looked for. */
class Group {
  /** Its name; absent for all targets together. */
  readonly name: string | undefined;
  storm: StormState = CALM;
  /** How many targets there are. */
  targets = 0;
  /** How many are up or down. */
  known = 0;
  /** The largest interval that a target of it ever had, in ms. */
  interval = 0;

  constructor(name: string | undefined) {
    this.name = name;
  }
}

/** What a change of a storm is about. */
export type GroupStormChange = StormChange & { readonly group?: string };

/** Looks for storms. */
export class Storms {
  readonly #options: Partial<StormOptions>;
  readonly #all = new Group(undefined);
  readonly #groups = new Map<string, Group>();

  /** @param options What is a storm; `within` is twice the largest interval unless it is given. */
  constructor(options: Partial<StormOptions>) {
    this.#options = options;
  }

  /** Counts a target in. */
  add(entry: Entry): void {
    for (const group of this.#groupsOf(entry)) {
      group.targets++;
      group.known += Number(entry.isKnown);
    }
    this.widen(entry);
  }

  /** Counts a target out. A group that has none left is forgotten, and its storm ends. */
  remove(entry: Entry, now: number): GroupStormChange[] {
    return this.#groupsOf(entry).flatMap((group) => {
      group.targets--;
      group.known -= Number(entry.isKnown);
      if (group.targets > 0 || group.name === undefined) return [];
      this.#groups.delete(group.name);
      return endStorm(group.storm, group.known, now).map((change) => ({ ...change, group: group.name }));
    });
  }

  /** Takes up the interval of a target. */
  widen(entry: Entry): void {
    const { interval } = entry.settings.intervals;
    for (const group of this.#groupsOf(entry)) group.interval = Math.max(group.interval, interval);
  }

  /** The largest interval that a target ever had, in ms. */
  get largestInterval(): number {
    return this.#all.interval;
  }

  /** Books that a target has become known or unknown. */
  count(entry: Entry, wasKnown: boolean): void {
    const change = Number(entry.isKnown) - Number(wasKnown);
    if (change === 0) return;
    for (const group of this.#groupsOf(entry)) group.known += change;
  }

  /** Judges a target's turn from up to down, or back. */
  turn(entry: Entry, to: "up" | "down", now: number): GroupStormChange[] {
    const turn = { to, wasDownAt: entry.turnedDownAt ?? -Infinity };
    if (to === "down") entry.turnedDownAt = now;
    return this.#groupsOf(entry).flatMap((group) => this.#judge(group, turn, now));
  }

  /** Ends storms whose time has come. */
  expire(now: number): GroupStormChange[] {
    return [this.#all, ...this.#groups.values()].filter(({ storm }) => storm.storm !== undefined).flatMap((group) =>
      this.#judge(group, undefined, now)
    );
  }

  #judge(group: Group, turn: Turn | undefined, now: number): GroupStormChange[] {
    const { share = 0.3, minimum = 5, within = 2 * group.interval } = this.#options;
    const { state, changes } = judgeStorm(group.storm, turn, group.known, { share, minimum, within }, now);
    group.storm = state;
    return changes.map((change) => group.name === undefined ? change : { ...change, group: group.name });
  }

  /** A target without a group is in that of all targets alone. */
  #groupsOf({ settings: { group: name } }: Entry): Group[] {
    if (name === "") return [this.#all];
    let group = this.#groups.get(name);
    if (group === undefined) this.#groups.set(name, group = new Group(name));
    return [group, this.#all];
  }
}
