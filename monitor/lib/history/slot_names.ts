/** Current targets of slots, on the writer's side. */

import type { SlotName } from "./batch.ts";

/** Map from slot to target. */
export class SlotNames {
  readonly #names = new Map<number, SlotName>();

  /** Sets the targets of slots. */
  add(names: readonly SlotName[]): void {
    for (const name of names) this.#names.set(name[0], name);
  }

  /** The id of a slot's target. */
  id(slot: number): string {
    return this.#names.get(slot)![1];
  }

  /** The address of a slot's target. */
  target(slot: number): string {
    return this.#names.get(slot)![2];
  }

  /** All slots. */
  all(): SlotName[] {
    return [...this.#names.values()];
  }
}
