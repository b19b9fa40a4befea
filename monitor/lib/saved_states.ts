/** Saved states of targets, which a monitor restores. */

import type { TargetState } from "./target_state.ts";

/** States by the target's id. Each is taken once: a target that is removed and added again starts without it. */
export class SavedStates {
  readonly #states: Map<string, TargetState>;

  /**
   * Makes a set of saved states.
   *
   * @param states The states.
   */
  constructor(states: Iterable<TargetState>) {
    this.#states = new Map([...states].map((state) => [state.id, state]));
  }

  /** Removes and returns the state of a target; `undefined` if there is none, or it was taken. */
  take(id: string): TargetState | undefined {
    const state = this.#states.get(id);
    this.#states.delete(id);
    return state;
  }

  /** Forgets the states that were not taken. */
  clear(): void {
    this.#states.clear();
  }
}
