/**
 * Scheduler of periodic checks, over a timer wheel. It has no clock and sets no timers: the caller passes the time of a
 * monotonic clock, in ms.
 *
 * A target's slots are on a grid, one `interval` or `downInterval` apart; the phase of the grid is a hash of the
 * target's id. While `fastInterval` applies there is no grid: the next slot is `fastInterval` after the start of the
 * check before.
 */

import { hash, mix, PeriodicSlots, share } from "./phase.ts";
import type { IntervalKind } from "./state.ts";
import { Timer, TimerWheel } from "./timer_wheel.ts";

/** The intervals of a target in ms; see {@linkcode IntervalKind}. */
export type Intervals = Readonly<Record<IntervalKind, number>>;

/** Maximum lateness of a check: in ms or as a share of its interval, whichever is less. A later check is skipped. */
export const MAX_LATENESS = { ms: 500, share: 0.5 };

/** A target in the schedule. */
export class ScheduledTarget<Item> extends Timer {
  /** The target. */
  readonly item: Item;
  /** The hash of the target's id; set by the schedule. */
  hash: number = 0;
  /** The target's intervals. */
  intervals: Intervals;
  /** The interval that applies. */
  intervalKind: IntervalKind;
  /** Whether a check is in flight. */
  isInFlight: boolean = false;
  /**
   * When the last check began. Not 0 initially, because V8 stores a number unboxed only in a field that is always a
   * double.
   */
  startedAt: number = -Infinity;
  /** When the next check must begin, if it was moved forward while a check is in flight. */
  hastenedTo: number | undefined;
  /** Whether the target was removed from the schedule. */
  isRemoved: boolean = false;

  /**
   * @param item The target.
   * @param intervals The target's intervals.
   * @param intervalKind The interval that applies.
   */
  constructor(item: Item, intervals: Intervals, intervalKind: IntervalKind) {
    super();
    this.item = item;
    this.intervals = intervals;
    this.intervalKind = intervalKind;
  }
}

/** Options of a schedule. */
export interface ScheduleOptions {
  /** Seed of the targets' phases. */
  readonly seed: number;
  /** The time between two checks is `interval * (1 ± spread)`: 0 to 0.5. */
  readonly spread: number;
}

/** The schedule of all targets. */
export class Schedule<Item, Target extends ScheduledTarget<Item> = ScheduledTarget<Item>> {
  readonly #seed: number;
  readonly #spread: number;
  readonly #wheel: TimerWheel<Target>;
  #demand = 0;
  #size = 0;
  #skipped = 0;
  #isStretched = false;

  /**
   * @param options The options.
   * @param now The time: 0 or more.
   */
  constructor({ seed, spread }: ScheduleOptions, now: number) {
    this.#seed = seed;
    this.#spread = spread;
    this.#wheel = new TimerWheel(now);
  }

  /** The number of slots skipped, because this process was late, or the previous check was still in flight. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Checks per second of all targets, without stretching. */
  get demand(): number {
    return this.#demand;
  }

  /** The mean time between two checks of a target in ms, without stretching; 0 without targets. */
  get meanInterval(): number {
    return this.#size === 0 ? 0 : 1000 * this.#size / this.#demand;
  }

  /** Whether `fastInterval` is raised to `interval`, because of an overload. */
  get isStretched(): boolean {
    return this.#isStretched;
  }

  /** Starts or ends raising `fastInterval` to `interval`. Scheduled checks keep their times. */
  set isStretched(isStretched: boolean) {
    this.#isStretched = isStretched;
  }

  /** Returns when the next check of a target is due; during a check, when it was due. */
  due(target: Target): number {
    return this.#wheel.due(target);
  }

  /**
   * Adds a target.
   *
   * @param target The target, which is in no schedule.
   * @param id Its id.
   * @param now The time.
   * @returns The target.
   */
  add(target: Target, id: string, now: number): Target {
    target.hash = hash(id, this.#seed);
    this.#demand += demandOf(target);
    this.#size++;
    this.#wheel.insert(target, this.#slotAfter(target, now));
    return target;
  }

  /** Removes a target. {@linkcode Schedule.end} ignores the end of its check in flight. */
  remove(target: Target): void {
    if (target.isRemoved) return;
    target.isRemoved = true;
    this.#demand -= demandOf(target);
    this.#size--;
    this.#wheel.remove(target);
  }

  /** Changes the intervals of a target. If one differs, the next check is in the first slot of the new grid. */
  change(target: Target, intervals: Intervals, now: number): void {
    if (target.isRemoved || areEqual(target.intervals, intervals)) return;
    this.#setInterval(target, target.intervalKind, intervals);
    if (target.isInFlight) return;
    this.#wheel.insert(target, this.#slotAfter(target, now));
  }

  /**
   * Begins the checks that are due.
   *
   * @param now The time.
   * @returns The targets to check now. Call {@linkcode Schedule.end} at the end of each.
   */
  begin(now: number): Target[] {
    return this.#wheel.take(now).filter((target) => {
      const late = now - this.#wheel.due(target);
      if (late > Math.min(MAX_LATENESS.ms, MAX_LATENESS.share * this.#interval(target))) {
        this.#skip(target, now);
        return false;
      }
      target.isInFlight = true;
      target.startedAt = now;
      target.hastenedTo = undefined;
      return true;
    });
  }

  /**
   * Ends a check, and schedules the target's next one.
   *
   * @param target The target.
   * @param intervalKind The interval that applies from now on.
   * @param now The time.
   */
  end(target: Target, intervalKind: IntervalKind, now: number): void {
    const { startedAt, intervalKind: before } = target;
    if (target.isRemoved || !target.isInFlight) return;
    target.isInFlight = false;
    this.#setInterval(target, intervalKind, target.intervals);
    if (intervalKind === "fastInterval") {
      // On a grid, a check that takes a whole interval would end just after a slot, and wait for the next one.
      const gap = this.#interval(target) * (1 + (2 * random(target.hash, startedAt) - 1) * this.#spread);
      this.#wheel.insert(target, Math.max(now, Math.min(startedAt + gap, target.hastenedTo ?? Infinity)));
      return;
    }
    const due = this.#slotAfter(target, now);
    // A check may take longer than fastInterval or downInterval, so slots during the check don't count as skipped.
    if (intervalKind === "interval" && before === "interval") {
      this.#skipped += this.#slotsBetween(target, this.#slotAfter(target, startedAt), due);
    }
    this.#wheel.insert(target, Math.max(now, Math.min(due, target.hastenedTo ?? Infinity)));
  }

  /**
   * Moves a target's next check to `fastInterval` from now, unless it is due earlier. A check in flight continues, and
   * the check after it is moved.
   */
  hasten(target: Target, now: number): void {
    if (target.isRemoved) return;
    const due = now + this.#fastInterval(target);
    if (target.isInFlight) {
      target.hastenedTo = Math.min(target.hastenedTo ?? Infinity, due);
    } else if (due < this.#wheel.due(target)) {
      this.#wheel.insert(target, due);
    }
  }

  /**
   * Returns when to call {@linkcode Schedule.begin} again.
   *
   * @returns When the next check is due, at most 16 s from now.
   */
  nextDue(): number {
    return this.#wheel.nextDue();
  }

  #setInterval(target: Target, intervalKind: IntervalKind, intervals: Intervals): void {
    if (target.intervalKind === intervalKind && target.intervals === intervals) return;
    this.#demand -= demandOf(target);
    target.intervalKind = intervalKind;
    target.intervals = intervals;
    this.#demand += demandOf(target);
  }

  #interval(target: Target): number {
    return target.intervalKind === "fastInterval" ? this.#fastInterval(target) : target.intervals[target.intervalKind];
  }

  #fastInterval({ intervals: { fastInterval, interval } }: Target): number {
    return this.#isStretched ? Math.max(fastInterval, interval) : fastInterval;
  }

  #slots(target: Target): PeriodicSlots {
    return new PeriodicSlots(target.hash, this.#interval(target), this.#spread);
  }

  /** Returns the first slot after a time. */
  #slotAfter(target: Target, time: number): number {
    const slots = this.#slots(target);
    return slots.at(slots.after(time));
  }

  /** Skips missed slots, because making up for them would cause a burst of checks. */
  #skip(target: Target, now: number): void {
    const next = this.#slotAfter(target, now);
    this.#skipped += Math.max(1, this.#slotsBetween(target, this.#wheel.due(target), next));
    this.#wheel.insert(target, next);
  }

  /** Returns the number of slots in `[first, end)`. */
  #slotsBetween(target: Target, first: number, end: number): number {
    return Math.round((end - first) / this.#interval(target));
  }
}

function areEqual(one: Intervals, other: Intervals): boolean {
  return one.interval === other.interval && one.fastInterval === other.fastInterval &&
    one.downInterval === other.downInterval;
}

/** Returns the checks per second of a target. */
function demandOf({ intervals, intervalKind }: ScheduledTarget<unknown>): number {
  return 1000 / intervals[intervalKind];
}

/** Returns a pseudo-random number from 0 to 1 for a target and a time. */
function random(hash: number, time: number): number {
  return share(mix(hash ^ Math.imul(Math.floor(time * 1000) | 0, 0x9e3779b1)));
}
