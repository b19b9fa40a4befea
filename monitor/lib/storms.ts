/** The storms of all groups, and the storm over all targets. */

import {
  endStorm,
  judgeStorm,
  NO_STORM,
  type StormChange,
  type StormOptions,
  type StormState,
  type UpDownTransition,
} from "./storm.ts";

/** The properties of a target that storm detection needs. */
export interface StormTarget {
  /** The group and the interval. */
  readonly settings: { readonly group: string; readonly intervals: { readonly interval: number } };
  /** Whether the target is up or down. */
  readonly isKnown: boolean;
  /** When the target last went from up to down, on the monotonic clock; `undefined` if never. */
  wentDownAt: number | undefined;
}

/** Group of targets in which storms are detected. */
class Group {
  /** The group's name; absent for all targets together. */
  readonly name: string | undefined;
  storm: StormState = NO_STORM;
  /** The number of targets. */
  targets = 0;
  /** The number of targets that are up or down. */
  known = 0;
  /** The largest interval that any target of the group has had, in ms. */
  interval = 0;

  constructor(name: string | undefined) {
    this.name = name;
  }
}

/** Begin or end of a storm, with its group; without a group, of the storm over all targets. */
export type GroupStormChange = StormChange & { readonly group?: string };

/** Detects storms in each group, and over all targets. */
export class Storms {
  readonly #options: Partial<StormOptions>;
  readonly #all = new Group(undefined);
  readonly #groups = new Map<string, Group>();

  /**
   * Creates a detector without groups.
   *
   * @param options The limits; `within` is twice the group's largest interval by default.
   */
  constructor(options: Partial<StormOptions>) {
    this.#options = options;
  }

  /** Adds a target to its group. */
  add(entry: StormTarget): void {
    for (const group of this.#groupsOf(entry)) {
      group.targets++;
      group.known += Number(entry.isKnown);
    }
    this.raiseInterval(entry);
  }

  /** Removes a target from its group. The storm of a group ends with its last target. */
  remove(entry: StormTarget, now: number): GroupStormChange[] {
    return this.#groupsOf(entry).flatMap((group) => {
      group.targets--;
      group.known -= Number(entry.isKnown);
      if (group.targets > 0 || group.name === undefined) return [];
      this.#groups.delete(group.name);
      return endStorm(group.storm, group.known, now).map((change) => ({ ...change, group: group.name }));
    });
  }

  /** Raises the largest interval of a target's group to that of the target. */
  raiseInterval(entry: StormTarget): void {
    const { interval } = entry.settings.intervals;
    for (const group of this.#groupsOf(entry)) group.interval = Math.max(group.interval, interval);
  }

  /** Updates the count of known targets. */
  count(entry: StormTarget, wasKnown: boolean): void {
    const change = Number(entry.isKnown) - Number(wasKnown);
    if (change === 0) return;
    for (const group of this.#groupsOf(entry)) group.known += change;
  }

  /** Processes a target's transition between up and down. */
  transition(entry: StormTarget, to: "up" | "down", now: number): GroupStormChange[] {
    const transition = { to, wasDownAt: entry.wentDownAt ?? -Infinity };
    if (to === "down") entry.wentDownAt = now;
    return this.#groupsOf(entry).flatMap((group) => this.#judge(group, transition, now));
  }

  /** Ends storms that are over. */
  expire(now: number): GroupStormChange[] {
    return [this.#all, ...this.#groups.values()].filter(({ storm }) => storm.storm !== undefined).flatMap((group) =>
      this.#judge(group, undefined, now)
    );
  }

  #judge(group: Group, transition: UpDownTransition | undefined, now: number): GroupStormChange[] {
    const { share = 0.3, minimum = 5, within = 2 * group.interval } = this.#options;
    const { state, changes } = judgeStorm(group.storm, transition, group.known, { share, minimum, within }, now);
    group.storm = state;
    return changes.map((change) => group.name === undefined ? change : { ...change, group: group.name });
  }

  /** Returns the groups of a target: its own, if any, and the group of all targets. */
  #groupsOf({ settings: { group: name } }: StormTarget): Group[] {
    if (name === "") return [this.#all];
    let group = this.#groups.get(name);
    if (group === undefined) this.#groups.set(name, group = new Group(name));
    return [group, this.#all];
  }
}
