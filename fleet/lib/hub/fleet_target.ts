/** Target of the fleet in a hub: its verdict, and the sums of its witnesses' checks. */

import type { State, TargetState } from "@tcp-shaker/monitor";
import type { ListedTarget } from "../list/target_line.ts";
import type { MinuteRow } from "../protocol/minutes.ts";
import type { Witness } from "../vote/fleet_state.ts";
import { NO_VERDICT } from "../vote/changes.ts";
import type { FleetVerdict } from "../vote/verdict.ts";

/** Target of the fleet, initially paused. Storm detection treats it like a monitor's target. */
export class FleetTarget {
  settings: { readonly group: string; readonly intervals: { readonly interval: number } };
  listed: ListedTarget;
  verdict: FleetVerdict = NO_VERDICT;
  /** When the verdict last changed, in ms since 1970. */
  since: number;
  /** When the target last went from up to down, on the stream's clock; `undefined` if never. */
  wentDownAt: number | undefined;
  /** Whether the state is restored, and no verdict has confirmed or replaced it yet. */
  isRestored = false;
  /**
   * Start of the time that counts as downtime; `Infinity` during a pause. Time without a connected hub does not count.
   */
  #countedFrom = Infinity;
  #transitions = 0;
  /** Downtime before the current state, in ms. */
  #downtime = 0;
  #passed = 0;
  #failed = 0;
  #neutral = 0;
  #rttSum = 0;

  /**
   * @param listed The target of the list.
   * @param interval Interval of each witness's checks, in ms.
   * @param now The stream's clock.
   */
  constructor(listed: ListedTarget, interval: number, now: number) {
    this.listed = listed;
    this.settings = settingsOf(listed, interval);
    this.since = now;
  }

  /** Whether the target is up or down. */
  get isKnown(): boolean {
    return this.verdict.state !== "unknown";
  }

  /**
   * Restores the state and the counters from a history.
   *
   * @param saved The state.
   */
  restore(saved: TargetState): void {
    const { state, since, checks, failures, neutral, transitions, rttSum = 0, downtime } = saved;
    if (state === "maintenance") return;
    this.isRestored = true;
    this.verdict = { state, agree: 0, present: 0 };
    this.since = since;
    this.#transitions = transitions;
    this.#downtime = downtime;
    [this.#passed, this.#failed, this.#neutral] = [checks - failures - neutral, failures, neutral];
    this.#rttSum = rttSum;
  }

  /** Ends a pause: counts downtime from now on. */
  resume(now: number): void {
    // The target was added before the first message set the clock.
    this.since ||= now;
    this.#countedFrom = now;
  }

  /** Counts no downtime until {@linkcode FleetTarget.resume}, because the hub does not know the state. */
  pause(now: number): void {
    if (this.verdict.state === "down") this.#downtime += this.#timeSince(now);
    this.#countedFrom = Infinity;
  }

  /** Applies the options of a newer list. */
  update(listed: ListedTarget, interval: number): void {
    this.listed = listed;
    this.settings = settingsOf(listed, interval);
  }

  /**
   * Records a change of state.
   *
   * @param from The state before.
   * @param to The new state.
   * @param at When it changed.
   * @returns The time in `from`, in ms.
   */
  changeState(from: State, to: State, at: number): number {
    const duration = Math.max(0, at - this.since);
    if (from === "down") this.#downtime += this.#timeSince(at);
    if (from !== "unknown" && to !== "unknown") this.#transitions++;
    this.since = at;
    return duration;
  }

  /** Adds the checks of one witness within a minute. */
  count([, passed, failed, neutral, , mean]: MinuteRow): void {
    this.#passed += passed;
    this.#failed += failed;
    this.#neutral += neutral;
    this.#rttSum += passed * (mean ?? 0);
  }

  /**
   * Creates a snapshot.
   *
   * @param witnesses The present witnesses.
   * @param now The stream's clock.
   */
  snapshot(witnesses: readonly Witness[], now: number): TargetState {
    const { listed: { id, target, labels = {} }, settings: { group }, verdict: { state } } = this;
    const reason = state === "down" ? reasonOf(witnesses) : undefined;
    return {
      id,
      target,
      group,
      labels,
      state,
      degraded: false,
      flapping: false,
      since: this.since,
      ...reason !== undefined && { reason },
      witnesses: witnesses.map(({ agent, zone, report: [, state, since, , , reason] }) => ({
        agent,
        zone,
        state,
        since,
        ...reason !== null && { reason },
      })),
      checks: this.#passed + this.#failed + this.#neutral,
      failures: this.#failed,
      neutral: this.#neutral,
      reports: 0,
      transitions: this.#transitions,
      rttSum: this.#rttSum,
      downtime: this.#downtime + (state === "down" ? this.#timeSince(now) : 0),
    };
  }

  /** Returns the time in the current state while a hub was connected. */
  #timeSince(now: number): number {
    return Math.max(0, now - Math.max(this.since, this.#countedFrom));
  }
}

/** Returns the most frequent reason of the witnesses that report the target as down. */
export function reasonOf(witnesses: readonly Witness[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { report: [, state, , , , reason] } of witnesses) {
    if (state === "down" && reason !== null) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]?.[0];
}

function settingsOf({ group = "", interval }: ListedTarget, byDefault: number): FleetTarget["settings"] {
  return { group, intervals: { interval: interval ?? byDefault } };
}
