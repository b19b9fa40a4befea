/** Public state of one target: a snapshot. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { State } from "./state.ts";

/** State of a target: a snapshot, which can be serialized as JSON. */
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
  /** `count` consecutive results contradict the state; it changes at `of`. Absent if the last result agrees. */
  readonly turning?: { readonly count: number; readonly of: number };
  /** Whether the target is degraded: it is up, but too many of its last results failed. */
  readonly degraded: boolean;
  /** Whether the target is flapping. */
  readonly flapping: boolean;
  /** When `state` last changed: the wall clock of the deciding result, in ms since 1970. */
  readonly since: number;
  /** The last result of a check; absent before the first one. */
  readonly result?: CheckResult;
  /** Reason why the target is down, as text; present if other programs make the checks, so that there is no result. */
  readonly reason?: string;
  /** The votes of the target's witnesses in a fleet, sorted by agent. */
  readonly witnesses?: readonly WitnessState[];
  /** Number of completed checks: passed, failed or neutral. */
  readonly checks: number;
  /** Number of checks that failed. */
  readonly failures: number;
  /** Number of neutral checks. */
  readonly neutral: number;
  /** Number of reports of real traffic. */
  readonly reports: number;
  /** Number of transitions between up and down. Transitions from `"unknown"` don't count. */
  readonly transitions: number;
  /** Sum of the round-trip times of passed checks, in ms. */
  readonly rttSum?: number;
  /** Time in the state `"down"`, in ms. */
  readonly downtime: number;
  /** The current maintenance; absent if there is none. */
  readonly maintenance?: Maintenance;
}

/** The vote of one agent of a fleet. */
export interface WitnessState {
  /** The agent's name. */
  readonly agent: string;
  /** The agent's zone. */
  readonly zone: string;
  /** The agent's verdict; `"unknown"` is no vote. */
  readonly state: "up" | "down" | "unknown";
  /** When that state began, by the agent's clock, in ms since 1970. */
  readonly since: number;
  /** The reason if the state is down: an error code, or the status of the check. */
  readonly reason?: string;
}

/** End and reason of a maintenance. */
export interface Maintenance {
  /** When the maintenance ends by itself, in ms since 1970. */
  readonly until?: number;
  /** The reason, as given. */
  readonly reason?: string;
}
