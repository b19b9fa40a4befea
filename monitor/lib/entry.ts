/** One target of a monitor: its settings, its verdict, and what is counted. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Slot } from "./schedule.ts";
import type { State, VerdictState } from "./state.ts";
import type { TargetSettings } from "./target.ts";
import { adopt, initialState, restoredState, turning } from "./verdict.ts";

/** What is known of a target: a snapshot, which JSON can carry. */
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
  /** Whether too many of the last results failed, although it is up. */
  readonly degraded: boolean;
  /** Whether it turned too often lately. */
  readonly flapping: boolean;
  /** When `state` became what it is: the wall clock of the deciding result, in ms since 1970. */
  readonly since: number;
  /** The last result of a check; absent before the first one. */
  readonly result?: CheckResult;
  /** Checks that passed, failed or were neutral. */
  readonly checks: number;
  /** Checks that failed. */
  readonly failures: number;
  /** Checks that said nothing about the target. */
  readonly neutral: number;
  /** Reports of real traffic. */
  readonly reports: number;
  /** How many times it turned up or down, but for the first verdict and those after the state was unknown. */
  readonly transitions: number;
  /** How many ms it has been down. */
  readonly downtime: number;
  /** The maintenance under way; absent if there is none. */
  readonly maintenance?: Maintenance;
}

/** Why there are no checks, and how long. */
export interface Maintenance {
  /** When it ends by itself, in ms since 1970. */
  readonly until?: number;
  /** Why, as it was given. */
  readonly reason?: string;
}

/** A target, while it is monitored. */
export class Entry {
  settings: TargetSettings;
  verdict: VerdictState;
  /** The wall clock when the state became what it is. */
  since: number;
  /** Its place in the schedule; absent in maintenance. */
  slot: Slot<Entry> | undefined;
  /** Whether a check is under way. */
  isChecking = false;
  /** Whether it is monitored no more. */
  isRemoved = false;
  maintenance: Maintenance | undefined;
  result: CheckResult | undefined;
  checks = 0;
  failures = 0;
  neutral = 0;
  reports = 0;
  transitions = 0;
  /** When it turned down the last time, on the monotonic clock. */
  wasDownAt = -Infinity;
  /** How many ms it was down before `state` became what it is. */
  #downtime = 0;

  /**
   * @param settings What it is, and how it is checked.
   * @param now The monotonic clock.
   * @param date The wall clock.
   */
  constructor(settings: TargetSettings, now: number, date: number) {
    this.settings = settings;
    this.verdict = initialState(settings.verdict, now);
    this.since = date;
  }

  /** Whether it is up or down. */
  get isKnown(): boolean {
    return this.verdict.state === "up" || this.verdict.state === "down";
  }

  /** Books that the state was another one until now. */
  leave(from: State, duration: number, date: number): void {
    if (from === "down") this.#downtime += duration;
    this.since = date;
  }

  /** Takes over other thresholds, intervals and labels. The state remains. */
  change(settings: TargetSettings): void {
    this.settings = settings;
    this.verdict = adopt(this.verdict, settings.verdict);
  }

  /**
   * Goes on from a snapshot.
   *
   * @param saved The snapshot.
   * @param now The monotonic clock.
   * @param date The wall clock.
   */
  restore(saved: TargetState, now: number, date: number): void {
    const { maintenance = saved.state === "maintenance" ? {} : undefined } = saved;
    const state = maintenance === undefined ? saved.state : "maintenance";
    const duration = Math.max(0, date - saved.since);
    this.since = saved.since;
    this.verdict = restoredState(state, now - duration, this.settings.verdict, now);
    this.maintenance = maintenance;
    this.result = saved.result;
    this.checks = saved.checks;
    this.failures = saved.failures;
    this.neutral = saved.neutral;
    this.reports = saved.reports;
    this.transitions = saved.transitions;
    this.#downtime = saved.downtime - (state === "down" ? duration : 0);
  }

  /** What is known by now. */
  snapshot(now: number): TargetState {
    const { settings: { id, target, group, labels, verdict: options }, verdict, maintenance, result } = this;
    const { state, degraded, flapping } = verdict;
    const contrary = turning(verdict, options);
    return {
      id,
      target,
      group,
      labels,
      state,
      ...contrary && { turning: contrary },
      degraded,
      flapping,
      since: this.since,
      ...result && { result },
      checks: this.checks,
      failures: this.failures,
      neutral: this.neutral,
      reports: this.reports,
      transitions: this.transitions,
      downtime: this.#downtime + (state === "down" ? now - verdict.since : 0),
      ...maintenance && { maintenance },
    };
  }
}
