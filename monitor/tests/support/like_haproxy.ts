/** Verdict, in the format of HAProxy's log. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { VerdictState } from "../../lib/state.ts";
import type { Change, Observation } from "../../lib/verdict_change.ts";
import { initialState, judge } from "../../lib/verdict.ts";
import type { ResolvedVerdictOptions } from "../../lib/verdict_options.ts";

/** The status of a check in HAProxy's log. */
export function statusOf({ status }: CheckResult): string {
  return { "up": "L4OK", "timeout": "L4TOUT" }[status as string] ?? "L4CON";
}

/** Verdict that writes the log of HAProxy with the option log-health-checks. */
export class LikeHaproxy {
  readonly #options: ResolvedVerdictOptions;
  #state: VerdictState;
  #lastStatus = "INI";
  #now = 0;

  constructor(options: ResolvedVerdictOptions) {
    this.#options = { ...options, initial: "up" };
    this.#state = initialState(this.#options, this.#now);
  }

  /** Judges a result, and returns the lines that HAProxy would log. */
  observe(observation: Observation, status: string): string[] {
    const before = this.#state;
    const { state, changes } = judge(before, observation, this.#options, this.#now += 1000);
    this.#state = state;
    const isNews = status !== this.#lastStatus || state.state !== before.state || state.count !== before.count;
    this.#lastStatus = status;
    return [...isNews ? [`${status} ${this.#health()}`] : [], ...changes.flatMap(logLines)];
  }

  /** HAProxy counts down while up. */
  #health(): string {
    const { rise, fall } = this.#options;
    const { state, count } = this.#state;
    return state === "up" ? `${fall - count}/${fall} UP` : `${count}/${rise} DOWN`;
  }
}

function logLines(change: Change): string[] {
  return change.type === "transition" ? [`is ${change.to.toUpperCase()}`] : [];
}
