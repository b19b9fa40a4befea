/** Schedule of checks in rounds. */

import { abortable } from "../abortable.ts";
import { type CheckRequest, checkRequest, type Target } from "../target.ts";

/** The next check of a target. */
interface NextCheck {
  readonly target: Target;
  /** From 1. */
  readonly round: number;
}

/**
 * Fixed-rate schedule with at most one check in flight per target.
 *
 * A target is either due now, due with the next tick, or in flight, so its results are in the order of its rounds. If a
 * check is still in flight when the next one is due, the next one starts when it ends. Missed ticks are skipped.
 */
export class Schedule {
  readonly #rounds: number;
  readonly #interval: number;
  #startedAt = 0;
  /** Number of intervals since the start. */
  #tick = 0;
  #due: NextCheck[];
  /** Next checks of targets that were checked in this tick. */
  #dueNextTick: NextCheck[] = [];
  /** Targets with a check in flight, and the tick in which it started. */
  readonly #inFlight = new Map<Target, number>();
  #wake: (() => void) | undefined;

  /**
   * @param targets The targets, each a distinct object.
   * @param rounds The number of checks of each target.
   * @param interval The time between two ticks, in ms.
   */
  constructor(targets: readonly Target[], rounds: number, interval: number) {
    this.#due = targets.map((target) => ({ target, round: 1 }));
    this.#rounds = rounds;
    this.#interval = interval;
  }

  /**
   * Yields each check when it is due.
   *
   * @param signal Ends the schedule.
   * @returns The checks. {@linkcode Schedule.complete} takes each when its result is known.
   * @throws The reason of the signal, if it aborts.
   */
  async *requests(signal: AbortSignal): AsyncGenerator<CheckRequest, void, void> {
    this.#startedAt = performance.now();
    let number = 0;
    while (!this.#isOver) {
      this.#advance();
      const due = this.#due;
      this.#due = [];
      for (const { target, round } of due) {
        this.#advance();
        this.#inFlight.set(target, this.#tick);
        yield checkRequest(target, number++, round);
      }
      if (this.#due.length === 0 && !this.#isOver) await this.#sleep(signal);
    }
  }

  /** Marks a check as complete, and schedules the next one of its target. */
  complete({ target, round }: CheckRequest): void {
    this.#advance();
    const startedIn = this.#inFlight.get(target);
    this.#inFlight.delete(target);
    const next = startedIn === this.#tick ? this.#dueNextTick : this.#due;
    if (round < this.#rounds) next.push({ target, round: round + 1 });
    if (this.#due.length > 0 || this.#isOver) this.#wake?.();
  }

  get #isOver(): boolean {
    return this.#due.length + this.#dueNextTick.length + this.#inFlight.size === 0;
  }

  /** Advances the tick to the current time. */
  #advance(): void {
    const tick = Math.floor((performance.now() - this.#startedAt) / this.#interval);
    if (tick <= this.#tick) return;
    this.#tick = tick;
    this.#due = this.#due.concat(this.#dueNextTick);
    this.#dueNextTick = [];
  }

  /** Sleeps until the next tick, or until a late check completes. */
  async #sleep(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const next = this.#startedAt + (this.#tick + 1) * this.#interval;
    const timer = setTimeout(resolve, Math.max(Math.ceil(next - performance.now()), 0));
    try {
      await abortable(promise, signal);
    } finally {
      clearTimeout(timer);
    }
  }
}
