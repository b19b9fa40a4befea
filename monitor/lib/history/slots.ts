/** Slots of targets: small numbers, which index arrays. */

import type { State } from "../state.ts";
import type { SlotName } from "./batch.ts";

/** A slot, while a target has it. */
export interface Slot {
  readonly slot: number;
  /** The state as of the last event. */
  state: State;
  /** Up to when the time in states was counted, on the monotonic clock. */
  countedTo: number;
}

/** Gives slots to targets. A slot is used again once its last row was taken. */
export class Slots {
  readonly #slots = new Map<string, Slot>();
  #free: number[] = [];
  #size = 0;
  #names: SlotName[] = [];

  /** One more than the highest slot. */
  get size(): number {
    return this.#size;
  }

  /** Finds a target's slot. */
  get(id: string): Slot | undefined {
    return this.#slots.get(id);
  }

  /** The ids of all targets that have a slot. */
  ids(): string[] {
    return [...this.#slots.keys()];
  }

  /** Gives a target a slot. */
  add(id: string, target: string, state: State, now: number): Slot {
    const slot = { slot: this.#free.pop() ?? this.#size++, state, countedTo: now };
    this.#slots.set(id, slot);
    this.#names.push([slot.slot, id, target]);
    return slot;
  }

  /** Takes a target's slot away. {@linkcode free} makes it usable again. */
  delete(id: string): void {
    this.#slots.delete(id);
  }

  /** Makes slots usable again. */
  free(slots: Iterable<number>): void {
    this.#free.push(...slots);
  }

  /** Takes the names of slots that were given since the last call. */
  takeNames(): SlotName[] {
    const names = this.#names;
    this.#names = [];
    return names;
  }
}
