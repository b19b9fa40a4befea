/** Snapshot of all targets, in the order of pages: by group, then by id. */

import { runInTimeSlices } from "../time_slices.ts";
import type { TargetState } from "../target_state.ts";
import { Counter, type Counts } from "./counts.ts";
import { compareTexts, IdOrder } from "./id_order.ts";

/** A group of a snapshot. */
export interface GroupSnapshot {
  /** The group's name; `""` for targets without a group. */
  readonly name: string;
  /** Numbers of targets. */
  readonly counts: Counts;
  /** The targets, by id. */
  readonly states: readonly TargetState[];
}

/** The states of all targets at about the same time. */
export interface FleetSnapshot {
  /** When the snapshot was taken, in ms since 1970. */
  readonly at: number;
  /** Numbers of all targets. */
  readonly counts: Counts;
  /** Groups by name, in the order of their names. */
  readonly groups: ReadonlyMap<string, GroupSnapshot>;
  /** All targets by group, then by id. */
  readonly states: readonly TargetState[];
}

/** Takes snapshots of all targets. */
export class SnapshotTaker {
  readonly #states: () => Iterable<TargetState>;
  #orders = new Map<string, IdOrder>();
  #last: { readonly snapshot: Promise<FleetSnapshot>; readonly version: number; readonly at: number } | undefined;

  /** @param states The states to read. */
  constructor(states: () => Iterable<TargetState>) {
    this.#states = states;
  }

  /**
   * Returns a snapshot: the last one, if it is fresh. Concurrent calls share a new snapshot.
   *
   * @param version A number that changes with each event. A snapshot of an earlier version is not fresh.
   * @param maxAge The maximum age of a fresh snapshot, in ms.
   */
  take(version: number, maxAge: number): Promise<FleetSnapshot> {
    const now = performance.now();
    const last = this.#last;
    if (last !== undefined && last.version === version && now - last.at <= maxAge) return last.snapshot;
    const snapshot = this.#take();
    this.#last = { snapshot, version, at: now };
    return snapshot;
  }

  /** Drops the last snapshot to free its memory. */
  forget(): void {
    this.#last = undefined;
  }

  /** Takes a snapshot in slices of a few ms, so that no check is delayed. */
  async #take(): Promise<FleetSnapshot> {
    const at = Date.now();
    const counts = new Counter();
    const byName = new Map<string, { counts: Counter; states: TargetState[] }>();
    const states = this.#states();
    await runInTimeSlices((function* () {
      for (const state of states) {
        let group = byName.get(state.group);
        if (group === undefined) byName.set(state.group, group = { counts: new Counter(), states: [] });
        counts.add(state);
        group.counts.add(state);
        group.states.push(state);
        yield;
      }
    })());
    const groups = new Map<string, GroupSnapshot>();
    for (const name of [...byName.keys()].sort(compareTexts)) {
      const { counts, states } = byName.get(name)!;
      groups.set(name, { name, counts, states: this.#order(name).sort(states) });
    }
    for (const name of this.#orders.keys()) if (!groups.has(name)) this.#orders.delete(name);
    return { at, counts, groups, states: groups.values().flatMap(({ states }) => states).toArray() };
  }

  #order(name: string): IdOrder {
    const known = this.#orders.get(name);
    if (known !== undefined) return known;
    const order = new IdOrder();
    this.#orders.set(name, order);
    return order;
  }
}
