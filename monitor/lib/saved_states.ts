/** Saved states of targets, for a monitor to restore. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { checkChoice, checkNumber } from "./bounds.ts";
import { addMaintenanceProblems } from "./maintenance.ts";
import { STATES } from "./state.ts";
import { Problems } from "./problems.ts";
import type { TargetState } from "./target_state.ts";

const NUMBERS = ["since", "checks", "failures", "neutral", "reports", "transitions", "downtime"] as const;

/**
 * States by the target's id. Each is taken only once, so a target that is removed and added again starts without it.
 */
export class SavedStates {
  readonly #states: Map<string, TargetState>;

  /**
   * Creates a set of saved states.
   *
   * @param states The states.
   */
  constructor(states: Iterable<TargetState>) {
    this.#states = new Map([...states].map((state) => [state.id, state]));
  }

  /** Removes and returns the state of a target; `undefined` if there is none. */
  take(id: string): TargetState | undefined {
    const state = this.#states.get(id);
    this.#states.delete(id);
    return state;
  }

  /** Forgets the remaining states. */
  clear(): void {
    this.#states.clear();
  }
}

/**
 * Checks states that a user wants to restore: they may come from a file.
 *
 * @param states What the user gave.
 * @param problems Where problems are added.
 * @returns The states to restore, if there are no problems.
 */
export function checkStates(states: Iterable<TargetState>, problems: Problems): readonly TargetState[] {
  if (typeof states !== "object" || states === null || !(Symbol.iterator in states)) {
    problems.add(`restore must be an iterable of states, it is ${quote(states)}`);
    return [];
  }
  const all = [...states];
  for (const [index, state] of all.entries()) {
    if (typeof state?.id !== "string") {
      problems.add(`restore[${index}] must be a state with an id, it is ${quote(state)}`);
      continue;
    }
    checkChoice(`restore[${index}].state`, state.state, STATES, problems);
    for (const name of NUMBERS) checkNumber(`restore[${index}].${name}`, state[name], { min: 0 }, problems);
    const { result, rttSum = 0, maintenance = {} } = state;
    checkNumber(`restore[${index}].rttSum`, rttSum, { min: 0 }, problems);
    const ofMaintenance = new Problems();
    addMaintenanceProblems(maintenance, ofMaintenance);
    problems.addOf(`restore[${index}]`, ofMaintenance);
    if (result !== undefined && typeof result?.status !== "string") {
      problems.add(`restore[${index}].result must be the result of a check, it is ${quote(result)}`);
    }
  }
  return all;
}
