/** Slots: small numbers that represent targets as indices of arrays, with a free list. */

import type { State } from "../state.ts";
import type { SlotName } from "./batch.ts";

/** The slot of a target. */
export interface Slot {
  readonly slot: number;
  /** The state as of the last event. */
  state: State;
  /** Monotonic time up to which time in states is counted. */
  countedTo: number;
}

/** Allocator of slots. A slot is reused after its last row was collected. */
export class Slots {
  readonly #slots = new Map<string, Slot>();
  #free: number[] = [];
  #size = 0;
  #names: SlotName[] = [];

  /** Size of an array of all slots: one more than the highest slot. */
  get size(): number {
    return this.#size;
  }

  /** Finds a target's slot. */
  get(id: string): Slot | undefined {
    return this.#slots.get(id);
  }

  /** The ids of all targets with a slot. */
  ids(): string[] {
    return [...this.#slots.keys()];
  }

  /** Allocates a slot for a target. */
  add(id: string, target: string, state: State, now: number): Slot {
    const slot = { slot: this.#free.pop() ?? this.#size++, state, countedTo: now };
    this.#slots.set(id, slot);
    this.#names.push([slot.slot, id, target]);
    return slot;
  }

  /** Detaches a target from its slot. Call {@linkcode free} to make the slot reusable. */
  delete(id: string): void {
    this.#slots.delete(id);
  }

  /** Makes slots reusable. */
  free(slots: Iterable<number>): void {
    this.#free.push(...slots);
  }

  /** Returns the slots allocated since the last call, with their targets. */
  takeNames(): SlotName[] {
    const names = this.#names;
    this.#names = [];
    return names;
  }
}
