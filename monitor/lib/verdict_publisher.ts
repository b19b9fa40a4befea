/** Applies observations to the verdicts of targets, and publishes the changes. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Clock } from "./clock.ts";
import type { TargetEntry } from "./target_entry.ts";
import type { TargetEventBase } from "./event.ts";
import type { EventStream } from "./event_stream.ts";
import type { GroupStormChange, Storms } from "./storms.ts";
import type { Change, Observation, Transition } from "./verdict_change.ts";
import { judge } from "./verdict.ts";

/** Publishes the changes of targets, and the storms caused by their transitions. */
export class VerdictPublisher {
  readonly #clock: Clock;
  readonly #storms: Storms;
  readonly #stream: EventStream;

  /**
   * @param clock The clock of the events.
   * @param storms Detects storms in the transitions.
   * @param stream The stream of the events.
   */
  constructor(clock: Clock, storms: Storms, stream: EventStream) {
    this.#clock = clock;
    this.#storms = storms;
    this.#stream = stream;
  }

  /**
   * Judges an observation of a target.
   *
   * @param entry The target. Its verdict is replaced.
   * @param observation The observation.
   * @param now The monotonic clock.
   * @param result The result, if the observation is a check.
   * @returns The changes.
   */
  observe(entry: TargetEntry, observation: Observation, now: number, result?: CheckResult): readonly Change[] {
    if (entry.isStale(now)) this.#judge(entry, "stale", now, undefined);
    if (observation === "pass" || observation === "fail") entry.heardAt = now;
    return this.#judge(entry, observation, now, result);
  }

  /** Makes a target's state unknown if it is stale. */
  expire(entry: TargetEntry, now: number): void {
    if (entry.isStale(now)) this.#judge(entry, "stale", now, undefined);
  }

  #judge(
    entry: TargetEntry,
    observation: Observation,
    now: number,
    result: CheckResult | undefined,
  ): readonly Change[] {
    const { state, changes } = judge(entry.verdict, observation, entry.settings.verdict, now);
    const wasKnown = entry.isKnown;
    // Skips the store if nothing changed, because the garbage collector's write barrier costs a cache miss.
    if (state !== entry.verdict) entry.verdict = state;
    if (changes.length === 0) return changes;
    this.#storms.count(entry, wasKnown);
    for (const change of changes) this.#apply(entry, change, now, result);
    return changes;
  }

  /** Publishes that a target was added or removed. */
  publishMembership(entry: TargetEntry, type: "added" | "removed"): void {
    this.#stream.publish({ type, ...this.#about(entry) });
  }

  /** Publishes the begin or end of storms. */
  publishStorms(storms: readonly GroupStormChange[]): void {
    for (const storm of storms) this.#stream.publish({ at: this.#clock.date(), ...storm });
  }

  #apply(entry: TargetEntry, change: Change, now: number, result: CheckResult | undefined): void {
    switch (change.type) {
      case "degraded":
      case "flapping":
        return this.#stream.publish({ ...this.#about(entry), ...change });
      case "maintenance":
        entry.heardAt = now;
        entry.recordStateChange(change.from, change.duration, this.#clock.date());
        return this.#stream.publish({ ...this.#about(entry), ...change, ...entry.maintenance });
      case "transition":
        return this.#transition(entry, change, now, result);
    }
  }

  #transition(entry: TargetEntry, change: Transition, now: number, result: CheckResult | undefined): void {
    entry.recordStateChange(change.from, change.duration, this.#clock.date());
    const isDecided = change.count > 0 && result !== undefined;
    this.#stream.publish({ ...this.#about(entry), ...change, ...isDecided && { result } });
    if (change.initial || change.to === "unknown") return;
    entry.transitions++;
    this.publishStorms(this.#storms.transition(entry, change.to, now));
  }

  #about({ settings: { id, target, group, labels } }: TargetEntry): Omit<TargetEventBase, "sequence"> {
    return { id, target, group, labels, at: this.#clock.date() };
  }
}
