/**
 * Scheduler of periodic checks, over a timer wheel. It has no clock and sets no timers: the caller passes the time of a
 * monotonic clock, in ms.
 *
 * A target's slots are on a grid, one `interval` or `downInterval` apart; the phase of the grid is a hash of the
 * target's id. While `fastInterval` applies there is no grid: the next slot is `fastInterval` after the start of the
 * check before.
 */

import { Grid, hash, mix, share } from "./phase.ts";
import type { IntervalKind } from "./state.ts";
import { Timer, TimerWheel } from "./timer_wheel.ts";

/** The intervals of a target in ms; see {@linkcode IntervalKind}. */
export type Intervals = Readonly<Record<IntervalKind, number>>;

/** Maximum lateness of a check: in ms or as a share of its interval, whichever is less. A later check is skipped. */
export const MAX_LATENESS = { ms: 500, share: 0.5 };

/** A target in the schedule. */
export class Slot<Item> extends Timer {
  /** The target. */
  readonly item: Item;
  /** The hash of its id; set by the schedule. */
  hash: number = 0;
  /** Its intervals. */
  intervals: Intervals;
  /** The interval that applies. */
  intervalKind: IntervalKind;
  /** Whether a check is in flight. */
  isUnderWay: boolean = false;
  /**
   * When the last check began. Not 0 at first: V8 stores a number in place only in a field that was always a double.
   */
  startedAt: number = -Infinity;
  /** When the next check must begin, if it was moved forward while a check is in flight. */
  hastenedTo: number | undefined;
  /** Whether it was removed from the schedule. */
  isRemoved: boolean = false;

  /**
   * @param item The target.
   * @param intervals Its intervals.
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
export class Schedule<Item, ItemSlot extends Slot<Item> = Slot<Item>> {
  readonly #seed: number;
  readonly #spread: number;
  readonly #wheel: TimerWheel<ItemSlot>;
  #demand = 0;
  #size = 0;
  #skipped = 0;
  #isStretched = false;

  /**
   * @param options Its options.
   * @param now The time: 0 or more.
   */
  constructor({ seed, spread }: ScheduleOptions, now: number) {
    this.#seed = seed;
    this.#spread = spread;
    this.#wheel = new TimerWheel(now);
  }

  /** The number of skipped slots: this process was late, or the previous check was still in flight. */
  get skipped(): number {
    return this.#skipped;
  }

  /** The sum of all targets' checks a second, without stretching. */
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

  /** When the next check of a target is due; during a check, when this check was due. */
  due(slot: ItemSlot): number {
    return this.#wheel.due(slot);
  }

  /**
   * Adds a target.
   *
   * @param slot Its slot, which is in no schedule.
   * @param id Its id.
   * @param now The time.
   * @returns The slot.
   */
  add(slot: ItemSlot, id: string, now: number): ItemSlot {
    slot.hash = hash(id, this.#seed);
    this.#demand += demandOf(slot);
    this.#size++;
    this.#wheel.insert(slot, this.#onGrid(slot, now));
    return slot;
  }

  /** Removes a target. {@linkcode Schedule.end} ignores the end of its check in flight. */
  remove(slot: ItemSlot): void {
    if (slot.isRemoved) return;
    slot.isRemoved = true;
    this.#demand -= demandOf(slot);
    this.#size--;
    this.#wheel.remove(slot);
  }

  /** Changes the intervals of a target. If one differs, the next check is in the first slot of the new grid. */
  change(slot: ItemSlot, intervals: Intervals, now: number): void {
    if (slot.isRemoved || areEqual(slot.intervals, intervals)) return;
    this.#setInterval(slot, slot.intervalKind, intervals);
    if (slot.isUnderWay) return;
    this.#wheel.insert(slot, this.#onGrid(slot, now));
  }

  /**
   * Begins the checks that are due.
   *
   * @param now The time.
   * @returns The slots of the targets to check now. Call {@linkcode Schedule.end} at the end of each.
   */
  begin(now: number): ItemSlot[] {
    return this.#wheel.take(now).filter((slot) => {
      const late = now - this.#wheel.due(slot);
      if (late > Math.min(MAX_LATENESS.ms, MAX_LATENESS.share * this.#interval(slot))) {
        this.#skip(slot, now);
        return false;
      }
      slot.isUnderWay = true;
      slot.startedAt = now;
      slot.hastenedTo = undefined;
      return true;
    });
  }

  /**
   * Ends a check, and schedules the target's next one.
   *
   * @param slot Its slot.
   * @param intervalKind The interval that applies from now on.
   * @param now The time.
   */
  end(slot: ItemSlot, intervalKind: IntervalKind, now: number): void {
    const { startedAt, intervalKind: before } = slot;
    if (slot.isRemoved || !slot.isUnderWay) return;
    slot.isUnderWay = false;
    this.#setInterval(slot, intervalKind, slot.intervals);
    if (intervalKind === "fastInterval") {
      // On a grid, a check that takes a whole interval would end just after a slot, and wait for the next one.
      const gap = this.#interval(slot) * (1 + (2 * random(slot.hash, startedAt) - 1) * this.#spread);
      this.#wheel.insert(slot, Math.max(now, Math.min(startedAt + gap, slot.hastenedTo ?? Infinity)));
      return;
    }
    const due = this.#onGrid(slot, now);
    // A check may take longer than fastInterval or downInterval, so slots that pass during it are not skipped slots.
    if (intervalKind === "interval" && before === "interval") {
      this.#skipped += this.#slotsBetween(slot, this.#onGrid(slot, startedAt), due);
    }
    this.#wheel.insert(slot, Math.max(now, Math.min(due, slot.hastenedTo ?? Infinity)));
  }

  /**
   * Moves a target's next check to `fastInterval` from now, unless it is due earlier. A check in flight continues, and
   * the following check is moved.
   */
  hasten(slot: ItemSlot, now: number): void {
    if (slot.isRemoved) return;
    const due = now + this.#fastInterval(slot);
    if (slot.isUnderWay) {
      slot.hastenedTo = Math.min(slot.hastenedTo ?? Infinity, due);
    } else if (due < this.#wheel.due(slot)) {
      this.#wheel.insert(slot, due);
    }
  }

  /**
   * Returns when to call {@linkcode Schedule.begin} again.
   *
   * @returns The time: when the next check is due, but in 16 s at the latest.
   */
  nextDue(): number {
    return this.#wheel.nextDue();
  }

  #setInterval(slot: ItemSlot, intervalKind: IntervalKind, intervals: Intervals): void {
    if (slot.intervalKind === intervalKind && slot.intervals === intervals) return;
    this.#demand -= demandOf(slot);
    slot.intervalKind = intervalKind;
    slot.intervals = intervals;
    this.#demand += demandOf(slot);
  }

  #interval(slot: ItemSlot): number {
    return slot.intervalKind === "fastInterval" ? this.#fastInterval(slot) : slot.intervals[slot.intervalKind];
  }

  #fastInterval({ intervals: { fastInterval, interval } }: ItemSlot): number {
    return this.#isStretched ? Math.max(fastInterval, interval) : fastInterval;
  }

  #grid(slot: ItemSlot): Grid {
    return new Grid(slot.hash, this.#interval(slot), this.#spread);
  }

  /** The first slot after a time. */
  #onGrid(slot: ItemSlot, time: number): number {
    const grid = this.#grid(slot);
    return grid.at(grid.after(time));
  }

  /** Skips the slots that have passed, because catching up would start a burst of checks. */
  #skip(slot: ItemSlot, now: number): void {
    const next = this.#onGrid(slot, now);
    this.#skipped += Math.max(1, this.#slotsBetween(slot, this.#wheel.due(slot), next));
    this.#wheel.insert(slot, next);
  }

  /** The number of slots from `first` (included) to `end` (excluded). */
  #slotsBetween(slot: ItemSlot, first: number, end: number): number {
    return Math.round((end - first) / this.#interval(slot));
  }
}

function areEqual(one: Intervals, other: Intervals): boolean {
  return one.interval === other.interval && one.fastInterval === other.fastInterval &&
    one.downInterval === other.downInterval;
}

/** Checks a second. */
function demandOf({ intervals, intervalKind }: Slot<unknown>): number {
  return 1000 / intervals[intervalKind];
}

/** A pseudo-random number from 0 to 1, by target and time. */
function random(hash: number, time: number): number {
  return share(mix(hash ^ Math.imul(Math.floor(time * 1000) | 0, 0x9e3779b1)));
}
