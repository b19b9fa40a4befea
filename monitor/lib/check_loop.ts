/** Check loop: starts due checks, and schedules the next ones. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { type EndCheck, ScheduledCheck } from "./scheduled_check.ts";
import type { Outcome } from "./classify.ts";
import type { Clock } from "./clock.ts";
import type { TargetEntry } from "./target_entry.ts";
import { Lateness } from "./lateness.ts";
import { Schedule, type ScheduleOptions } from "./schedule.ts";
import { prefetch } from "./prefetch.ts";
import { intervalKind } from "./state.ts";
import type { Prober, TargetCheck } from "./supervised_checker.ts";

/**
 * Called at the end of a check, with its result, or with the error of a check that could not be made. The verdict after
 * the call determines the interval to the next check.
 */
export type OnCheckEnd = (
  entry: TargetEntry,
  outcome: Outcome,
  now: number,
  result: CheckResult | undefined,
  error?: unknown,
) => void;

/**
 * Time between two batches of checks: a share of the mean interval, and a maximum in ms. Checks are batched, because the
 * wake-ups of a batch (a timer, the engine, a thread of Deno's pool) cost as much CPU as several checks.
 */
const BATCH_INTERVAL = { share: 0.008, max: 16 };

/** Runs the periodic checks of its targets. */
export class CheckLoop {
  /** Lateness of the starts of checks. */
  readonly lateness: Lateness = new Lateness();
  readonly #schedule: Schedule<TargetEntry, ScheduledCheck<TargetEntry>>;
  readonly #clock: Clock;
  readonly #prober: Prober;
  readonly #onEnd: OnCheckEnd;
  #tickAt = Infinity;
  #tickedAt = -Infinity;
  #cancelTick = () => {};
  #isStopped = false;
  /** The time of this event-loop turn; `NaN` before its first result. */
  #turnedAt = NaN;
  /** Result of the prefetch, stored so that the prefetch is not optimized away. */
  #prefetched = 0;

  /**
   * Creates a loop without targets.
   *
   * @param options Options of the schedule.
   * @param clock The clock and its timers.
   * @param prober Makes the checks.
   * @param onEnd Called at the end of each check whose target is still in the loop.
   */
  constructor(options: ScheduleOptions, clock: Clock, prober: Prober, onEnd: OnCheckEnd) {
    this.#schedule = new Schedule(options, clock.now());
    this.#clock = clock;
    this.#prober = prober;
    this.#onEnd = onEnd;
  }

  /** Number of skipped slots. */
  get skipped(): number {
    return this.#schedule.skipped;
  }

  /** Checks per second of all targets, without stretching. */
  get demand(): number {
    return this.#schedule.demand;
  }

  /** Mean time between two checks of a target in ms, without stretching; 0 without targets. */
  get meanInterval(): number {
    return this.#schedule.meanInterval;
  }

  /** Raises `fastInterval` to `interval` during an overload. */
  stretch(isStretched: boolean): void {
    this.#schedule.isStretched = isStretched;
  }

  /** Adds a target, unless it is in the loop or in maintenance. */
  add(entry: TargetEntry): void {
    if (entry.scheduled !== undefined || entry.maintenance !== undefined) return;
    entry.scheduled = this.#schedule.add(
      new ScheduledCheck(this.#end, entry, entry.settings.intervals, intervalKind(entry.verdict)),
      entry.settings.id,
      this.#clock.now(),
    );
    this.#arm(this.#schedule.due(entry.scheduled));
  }

  /** Removes a target, and cancels its check in flight. */
  remove(entry: TargetEntry): void {
    const { scheduled } = entry;
    if (scheduled === undefined) return;
    entry.scheduled = undefined;
    this.#schedule.remove(scheduled);
    if (scheduled.isInFlight) entry.check!.cancel();
  }

  /** Applies the intervals of a target's new settings. */
  change({ scheduled, settings: { intervals } }: TargetEntry): void {
    if (scheduled === undefined) return;
    this.#schedule.change(scheduled, intervals, this.#clock.now());
    this.#arm(this.#schedule.due(scheduled));
  }

  /** Moves a target's next check to `fastInterval` from now, unless it is due earlier. */
  hasten({ scheduled }: TargetEntry): void {
    if (scheduled === undefined) return;
    this.#schedule.hasten(scheduled, this.#clock.now());
    this.#arm(this.#schedule.due(scheduled));
  }

  /** Starts no more checks. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTick();
  }

  #tick(): void {
    this.#tickAt = Infinity;
    const now = this.#tickedAt = this.#clock.now();
    const due = this.#schedule.begin(now);
    this.#prefetched = prefetch(due);
    for (const scheduled of due) {
      this.lateness.add(now - this.#schedule.due(scheduled));
      this.#check(scheduled);
    }
    this.#arm(this.#schedule.nextDue());
  }

  /** Sets the timer for a check that is due, unless it is set for an earlier one. */
  #arm(due: number): void {
    const at = Math.max(due, this.#tickedAt + this.#batchInterval());
    if (at >= this.#tickAt || this.#isStopped) return;
    this.#cancelTick();
    this.#tickAt = at;
    this.#cancelTick = this.#clock.at(at, () => this.#tick());
  }

  #batchInterval(): number {
    return Math.min(BATCH_INTERVAL.max, BATCH_INTERVAL.share * this.meanInterval);
  }

  #check(scheduled: ScheduledCheck<TargetEntry>): void {
    scheduled.timeout = scheduled.item.settings.intervals.timeout;
    this.#prepare(scheduled.item).start(scheduled);
  }

  /** Returns the target's prepared check, and prepares it again if its options have changed. */
  #prepare(entry: TargetEntry): TargetCheck {
    const { endpoint, check: options } = entry.settings;
    if (entry.check !== undefined && entry.checkOptions === options) return entry.check;
    entry.checkOptions = options;
    return entry.check = this.#prober.prepare(endpoint, options);
  }

  /** Reads the clock once per event-loop turn, because that costs as much as the verdict. */
  #turnTime(): number {
    if (Number.isNaN(this.#turnedAt)) {
      this.#turnedAt = this.#clock.now();
      queueMicrotask(() => this.#turnedAt = NaN);
    }
    return this.#turnedAt;
  }

  readonly #end: EndCheck<TargetEntry> = (scheduled, outcome, result, error) => {
    // The check was cancelled.
    if (scheduled.isRemoved) return;
    const now = this.#turnTime();
    this.#onEnd(scheduled.item, outcome, now, result, error);
    this.#schedule.end(scheduled, intervalKind(scheduled.item.verdict), now);
    this.#arm(this.#schedule.due(scheduled));
  };
}
