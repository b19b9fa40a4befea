/** Public state of one target: a snapshot. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { State } from "./state.ts";

/** State of a target: a snapshot, which JSON can carry. */
export interface TargetState {
  /** The target's id. */
  readonly id: string;
  /** `"host:port"`, in canonical form. */
  readonly target: string;
  /** The target's group; `""` if it has none. */
  readonly group: string;
  /** The target's labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** The verdict. */
  readonly state: State;
  /** How many consecutive results contradict the state, and how many turn it; absent if there are none. */
  readonly turning?: { readonly count: number; readonly of: number };
  /** Whether too many of the last results failed, although the target is up. */
  readonly degraded: boolean;
  /** Whether the target turned too often lately. */
  readonly flapping: boolean;
  /** When `state` last changed: the wall clock of the deciding result, in ms since 1970. */
  readonly since: number;
  /** The last result of a check; absent before the first one. */
  readonly result?: CheckResult;
  /** Why it is down, in words, if other programs make the checks, so that there is no result. */
  readonly reason?: string;
  /** What each witness says of it, if a fleet checks it: by agent. */
  readonly witnesses?: readonly WitnessState[];
  /** Number of checks that ended: passed, failed or neutral. */
  readonly checks: number;
  /** Number of checks that failed. */
  readonly failures: number;
  /** Number of checks that said nothing about the target. */
  readonly neutral: number;
  /** Number of reports of real traffic. */
  readonly reports: number;
  /** Number of turns from up to down and back. Verdicts that follow `"unknown"` don't count. */
  readonly transitions: number;
  /** Sum of the round trip times of the checks that passed, in ms. */
  readonly rttSum?: number;
  /** Time in the state `"down"`, in ms. */
  readonly downtime: number;
  /** The maintenance under way; absent if there is none. */
  readonly maintenance?: Maintenance;
}

/** What one agent of a fleet says of a target. */
export interface WitnessState {
  /** The agent. */
  readonly agent: string;
  /** Its zone. */
  readonly zone: string;
  /** Its verdict; it has no vote while it is `"unknown"`. */
  readonly state: "up" | "down" | "unknown";
  /** Since when, by the agent's clock, in ms since 1970. */
  readonly since: number;
  /** Why it is down: an error's code, or the status of the check; absent if it isn't. */
  readonly reason?: string;
}

/** End and reason of a maintenance. */
export interface Maintenance {
  /** When it ends by itself, in ms since 1970. */
  readonly until?: number;
  /** The reason, as it was given. */
  readonly reason?: string;
}
