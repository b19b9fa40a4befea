/** One target of a monitor: its settings, its verdict and its counters. */

import type { CheckDefaults, CheckResult, Engine } from "@tcp-shaker/tcp-shaker";
import type { Outcome } from "./classify.ts";
import { isPlain, plainResult } from "./plain_result.ts";
import type { ScheduledCheck } from "./scheduled_check.ts";
import type { State, VerdictState } from "./state.ts";
import type { TargetCheck } from "./supervised_checker.ts";
import type { TargetSettings } from "./target.ts";
import type { Maintenance, TargetState } from "./target_state.ts";
import { adopt, initialState, restoredState, turning } from "./verdict.ts";

/** A monitored target. */
export class TargetEntry {
  settings: TargetSettings;
  verdict: VerdictState;
  /**
   * When the last check passed or failed, on the monotonic clock; before the first one, when the target was added or
   * its maintenance ended. It is not in the verdict, so that a pass need not copy the verdict.
   *
   * The initial value is `NaN`, because V8 stores a number unboxed only in a field that was always a double.
   */
  heardAt = NaN;
  /** When the current state began, by the wall clock. */
  since: number;
  /** The target in the schedule; absent in maintenance. */
  scheduled: ScheduledCheck<TargetEntry> | undefined;
  /** The prepared check; absent before the first run. */
  check: TargetCheck | undefined;
  /** The options that the check was prepared with. */
  checkOptions: CheckDefaults | undefined;
  maintenance: Maintenance | undefined;
  checks = 0;
  failures = 0;
  neutral = 0;
  reports = 0;
  transitions = 0;
  /** Sum of the round-trip times of passed checks, in ms. */
  rttSum = 0;
  /** When the target last went from up to down, on the monotonic clock; `undefined` if never. */
  wentDownAt: number | undefined;
  /** Time in the state `"down"` before the current state began, in ms. */
  #downtime = 0;
  /**
   * The last result, unless it was plain. Of plain results only the numbers are kept, because objects that live until
   * the next check outlive V8's young generation, and collecting them costs more CPU time than the verdict.
   */
  #result: CheckResult | undefined;
  /** The engine of the last result, if it was plain. */
  #engine: Engine | undefined;
  /** The round-trip time of the last result, if it was plain. */
  rtt = NaN;
  #duration = NaN;

  /**
   * @param settings The target's settings.
   * @param now The monotonic clock.
   * @param date The wall clock.
   */
  constructor(settings: TargetSettings, now: number, date: number) {
    this.settings = settings;
    this.verdict = initialState(settings.verdict, now);
    this.heardAt = now;
    this.since = date;
  }

  /** The last result; `undefined` before the first one. */
  get result(): CheckResult | undefined {
    if (this.#engine === undefined) return this.#result;
    return plainResult(this.settings.endpoint, this.#engine, this.rtt, this.#duration);
  }

  /** Whether the target is up or down. */
  get isKnown(): boolean {
    return this.verdict.state === "up" || this.verdict.state === "down";
  }

  /** Whether no check has passed or failed for `staleAfter`. */
  isStale(now: number): boolean {
    return now - this.heardAt >= this.settings.verdict.staleAfter;
  }

  /** Counts a check, and keeps its result; `undefined` if the check could not be made. */
  count(outcome: Outcome, result: CheckResult | undefined): void {
    this.checks++;
    if (outcome === "fail") this.failures++;
    else if (outcome === "neutral") this.neutral++;
    if (result === undefined) return;
    this.#keep(result);
    if (result.status === "up") this.rttSum += result.rtt;
  }

  /** Records that the state has changed now. */
  recordStateChange(from: State, duration: number, date: number): void {
    if (from === "down") this.#downtime += duration;
    this.since = date;
  }

  /** Replaces thresholds, intervals and labels. The state remains. */
  change(settings: TargetSettings): void {
    this.settings = settings;
    this.verdict = adopt(this.verdict, settings.verdict);
  }

  /**
   * Restores a snapshot.
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
    this.#keep(saved.result);
    this.checks = saved.checks;
    this.failures = saved.failures;
    this.neutral = saved.neutral;
    this.reports = saved.reports;
    this.transitions = saved.transitions;
    this.rttSum = saved.rttSum ?? 0;
    this.#downtime = saved.downtime - (state === "down" ? duration : 0);
  }

  /** Creates a snapshot. */
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
      rttSum: this.rttSum,
      downtime: this.#downtime + (state === "down" ? now - verdict.since : 0),
      ...maintenance && { maintenance },
    };
  }

  #keep(result: CheckResult | undefined): void {
    if (isPlain(result)) {
      this.#result = undefined;
      this.#engine = result.engine;
      this.rtt = result.rtt;
      this.#duration = result.duration;
    } else {
      this.#result = result;
      this.#engine = undefined;
    }
  }
}
