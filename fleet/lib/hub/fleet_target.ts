/** A target of the fleet, as a hub sees it: its verdict, and the sums of its witnesses' checks. */

import type { State, TargetState } from "@tcp-shaker/monitor";
import type { ListedTarget } from "../list/target_line.ts";
import type { MinuteRow } from "../protocol/minutes.ts";
import type { Witness } from "../vote/fleet_state.ts";
import { NO_VERDICT } from "../vote/changes.ts";
import type { FleetVerdict } from "../vote/verdict.ts";

/** A target. Storms count it as they count a monitor's. */
export class FleetTarget {
  settings: { readonly group: string; readonly intervals: { readonly interval: number } };
  listed: ListedTarget;
  verdict: FleetVerdict = NO_VERDICT;
  /** When the verdict became what it is, in ms since 1970. */
  since: number;
  /** When it last turned from up to down, on the stream's clock; `undefined` if it never did. */
  turnedDownAt: number | undefined;
  /** Whether its state is one that a history has saved, and no verdict has confirmed or replaced it. */
  isRestored = false;
  /** From when on time down counts: the time in which no hub ran does not. */
  #countedFrom = 0;
  #transitions = 0;
  /** Time down before the current state began, in ms. */
  #downtime = 0;
  #passed = 0;
  #failed = 0;
  #neutral = 0;
  #rttSum = 0;

  /**
   * @param listed The target of the list.
   * @param interval How often each witness checks it, in ms.
   * @param now The stream's clock.
   */
  constructor(listed: ListedTarget, interval: number, now: number) {
    this.listed = listed;
    this.settings = settingsOf(listed, interval);
    this.since = now;
  }

  /** Whether it is up or down. */
  get isKnown(): boolean {
    return this.verdict.state !== "unknown";
  }

  /**
   * Takes over what a history has saved of it: its state, since when, and its counters.
   *
   * @param saved The state.
   * @param now The stream's clock.
   */
  restore(saved: TargetState, now: number): void {
    const { state, since, checks, failures, neutral, transitions, rttSum = 0, downtime } = saved;
    if (state === "maintenance") return;
    this.isRestored = true;
    this.verdict = { state, agree: 0, present: 0 };
    this.since = since;
    this.#countedFrom = now;
    this.#transitions = transitions;
    this.#downtime = downtime;
    [this.#passed, this.#failed, this.#neutral] = [checks - failures - neutral, failures, neutral];
    this.#rttSum = rttSum;
  }

  /** Begins to count time, when the fleet's state was read first. */
  begin(now: number): void {
    // It was listed before the first message told the time.
    this.since ||= now;
    this.#countedFrom = now;
  }

  /** Takes over what another list says of it. */
  relist(listed: ListedTarget, interval: number): void {
    this.listed = listed;
    this.settings = settingsOf(listed, interval);
  }

  /**
   * Records another state.
   *
   * @param from The state before.
   * @param to The state from now on.
   * @param at When it changed.
   * @returns The time in `from`, in ms.
   */
  turn(from: State, to: State, at: number): number {
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
   * Makes a snapshot.
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

  /** The time in the present state, as far as a hub ran. */
  #timeSince(now: number): number {
    return Math.max(0, now - Math.max(this.since, this.#countedFrom));
  }
}

/** The most frequent reason of the witnesses for which a target is down. */
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
