/** Check loop: begins the checks that are due, and schedules the next ones. */

import type { CheckResult, PreparedCheck } from "@tcp-shaker/tcp-shaker";
import { classify, type Outcome } from "./classify.ts";
import type { Clock } from "./clock.ts";
import type { Entry } from "./entry.ts";
import { Lateness } from "./lateness.ts";
import { Schedule, type ScheduleOptions, type Slot } from "./schedule.ts";
import { pace } from "./state.ts";
import type { Prober } from "./supervised_checker.ts";

/**
 * Takes the end of a check: its outcome, and either the result or the error of a check that could not be made. The pace
 * of the next check is that of the verdict afterwards.
 */
export type OnCheckEnd = (
  entry: Entry,
  outcome: Outcome,
  now: number,
  result: CheckResult | undefined,
  error?: unknown,
) => void;

/**
 * Time between two batches of checks, as a share of the mean interval, and at most, in ms: a timer and a batch cost more
 * CPU than a check.
 */
const BATCH_INTERVAL = { share: 0.005, most: 10 };

/** Runs the periodic checks of all targets that are in it. */
export class CheckLoop {
  /** How late checks began. */
  readonly lateness: Lateness = new Lateness();
  readonly #schedule: Schedule<Entry>;
  readonly #clock: Clock;
  readonly #prober: Prober;
  readonly #onEnd: OnCheckEnd;
  #tickAt = Infinity;
  #tickedAt = -Infinity;
  #cancelTick = () => {};
  #isStopped = false;

  /**
   * Makes a loop without targets.
   *
   * @param options Options of the schedule.
   * @param clock The clock and its timers.
   * @param prober What makes the checks.
   * @param onEnd Called at the end of each check whose target is still in the loop.
   */
  constructor(options: ScheduleOptions, clock: Clock, prober: Prober, onEnd: OnCheckEnd) {
    this.#schedule = new Schedule(options, clock.now());
    this.#clock = clock;
    this.#prober = prober;
    this.#onEnd = onEnd;
  }

  /** How many slots passed without a check. */
  get skipped(): number {
    return this.#schedule.skipped;
  }

  /** Checks a second of all targets together, without stretching. */
  get demand(): number {
    return this.#schedule.demand;
  }

  /** Raises `fastInterval` to `interval` during an overload. */
  stretch(isStretched: boolean): void {
    this.#schedule.isStretched = isStretched;
  }

  /**
   * Adds a target, unless it is in the loop, in maintenance or removed from the monitor. While a check of it is under
   * way, the end of that check adds the target: a target never has two checks under way.
   */
  add(entry: Entry): void {
    const { settings: { id, intervals }, verdict } = entry;
    if (entry.slot !== undefined || entry.isChecking || entry.maintenance !== undefined || entry.isRemoved) return;
    entry.slot = this.#schedule.add(entry, id, intervals, pace(verdict), this.#clock.now());
    this.#arm(entry.slot.due);
  }

  /** Removes a target, and cancels its check under way. */
  remove(entry: Entry): void {
    if (entry.slot !== undefined) this.#schedule.remove(entry.slot);
    entry.slot = undefined;
    if (entry.isChecking) entry.check!.cancel();
  }

  /** Takes up the intervals of a target's new settings. */
  change({ slot, settings: { intervals } }: Entry): void {
    if (slot === undefined) return;
    this.#schedule.change(slot, intervals, this.#clock.now());
    this.#arm(slot.due);
  }

  /** Moves a target's next check to `fastInterval` from now, unless it is due earlier. */
  hasten({ slot }: Entry): void {
    if (slot === undefined) return;
    this.#schedule.hasten(slot, this.#clock.now());
    this.#arm(slot.due);
  }

  /** Begins no more checks. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTick();
  }

  #tick(): void {
    this.#tickAt = Infinity;
    const now = this.#tickedAt = this.#clock.now();
    for (const slot of this.#schedule.begin(now)) {
      this.lateness.add(now - slot.due);
      this.#check(slot);
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
    const { size, demand } = this.#schedule;
    return size === 0 ? 0 : Math.min(BATCH_INTERVAL.most, BATCH_INTERVAL.share * 1000 * size / demand);
  }

  #check(slot: Slot<Entry>): void {
    const entry = slot.item;
    const { timeout } = entry.settings.intervals;
    entry.isChecking = true;
    this.#prepare(entry).run().then(
      // The settings may have changed by then: the result is judged by the timeout that the check had.
      (result) => this.#end(slot, classify(result, timeout), result),
      (error) => this.#end(slot, "neutral", undefined, error),
    );
  }

  /** Returns the target's check, prepared anew if its options have changed. */
  #prepare(entry: Entry): PreparedCheck {
    const { endpoint, check: options } = entry.settings;
    if (entry.check !== undefined && entry.checkOptions === options) return entry.check;
    entry.checkOptions = options;
    return entry.check = this.#prober.prepare(endpoint, options);
  }

  #end(slot: Slot<Entry>, outcome: Outcome, result: CheckResult | undefined, error?: unknown): void {
    const entry = slot.item;
    entry.isChecking = false;
    if (slot.isRemoved) return this.add(entry);
    // Read once: with the clock of the system it costs as much as the judgement.
    const now = this.#clock.now();
    this.#onEnd(entry, outcome, now, result, error);
    this.#schedule.end(slot, pace(entry.verdict), now);
    this.#arm(slot.due);
  }
}
