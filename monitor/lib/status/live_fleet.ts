/** Counts of all targets and their places in heat maps, from periodic snapshots and the events after them. */

import type { TargetState } from "../target_state.ts";
import { Counter, type Counts } from "./counts.ts";
import type { LoggedEvent } from "./event_log.ts";
import type { Status } from "./status.ts";

/** Interval of snapshots in ms. In between, cheaper events update the counts. */
const SNAPSHOT_MS = 10_000;

/** Place of a target in the heat map. */
export interface Place {
  /** The index in the group. */
  readonly cell: number;
  /** The number of targets in the group. */
  readonly size: number;
}

interface PlacedState {
  state: TargetState;
  readonly place: Place;
}

/** Keeps counts and places. */
export class LiveFleet {
  readonly #status: Status;
  #states = new Map<string, PlacedState>();
  #counter = new Counter();
  #takenAt = -Infinity;
  #refreshing: Promise<void> = Promise.resolve();

  /** @param status The targets. */
  constructor(status: Status) {
    this.#status = status;
  }

  /** Counts all targets. */
  get counts(): Counts {
    return this.#counter;
  }

  /** Takes a snapshot if the last one is too old. */
  refresh(): Promise<void> {
    if (performance.now() - this.#takenAt < SNAPSHOT_MS) return this.#refreshing;
    this.#takenAt = performance.now();
    return this.#refreshing = this.#refresh();
  }

  /** Applies the changes of events. Places of added and removed targets change with the next snapshot. */
  apply(events: readonly LoggedEvent[]): void {
    for (const { event } of events) {
      if (event.type === "added" || event.type === "removed") this.#takenAt = -Infinity;
      const known = "id" in event ? this.#states.get(event.id) : undefined;
      const state = known === undefined ? undefined : this.#status.monitor.get(known.state.id);
      if (known === undefined || state === undefined) continue;
      this.#counter.add(known.state, -1);
      this.#counter.add(state);
      known.state = state;
    }
  }

  /** Finds the place of a target; `undefined` if it is not known yet. */
  place(id: string): Place | undefined {
    return this.#states.get(id)?.place;
  }

  /** Forgets all targets, until the next snapshot. */
  forget(): void {
    this.#states = new Map();
    this.#takenAt = -Infinity;
  }

  async #refresh(): Promise<void> {
    const { groups } = await this.#status.snapshot();
    const states = new Map<string, PlacedState>();
    const counter = new Counter();
    for (const group of groups.values()) {
      const size = group.states.length;
      group.states.forEach((state, cell) => {
        states.set(state.id, { state, place: { cell, size } });
        counter.add(state);
      });
    }
    this.#states = states;
    this.#counter = counter;
  }
}
