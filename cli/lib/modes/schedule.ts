/** When each target is checked again. */

import { type Request, request, type Target } from "../targets/target.ts";
import { unlessAborted } from "../unless_aborted.ts";

/** The next check of a target. */
interface Turn {
  readonly target: Target;
  /** From 1. */
  readonly round: number;
}

/**
 * Fixed-rate schedule with at most one check of a target under way.
 *
 * A target is in one place at a time: due, resting until the next tick, or under way. So its results come in the order of
 * its rounds, and none can be older than one that is known already. A check that is under way when the next one is due
 * delays that one until it has ended; ticks that were missed are not made up for.
 */
export class Schedule {
  readonly #rounds: number;
  readonly #interval: number;
  #startedAt = 0;
  /** Counts the intervals since the start. */
  #tick = 0;
  #due: Turn[];
  /** Checked in this tick, so that they are due with the next. */
  #resting: Turn[] = [];
  /** The targets under way, each with the tick in which its check has started. */
  readonly #underWay = new Map<Target, number>();
  #wake: (() => void) | undefined;

  /**
   * @param targets The targets; each is an object of its own.
   * @param rounds How often each of them is checked.
   * @param interval From one tick to the next, in ms.
   */
  constructor(targets: readonly Target[], rounds: number, interval: number) {
    this.#due = targets.map((target) => ({ target, round: 1 }));
    this.#rounds = rounds;
    this.#interval = interval;
  }

  /**
   * Gives the checks, each when it is due.
   *
   * @param signal Ends the waiting.
   * @returns The checks. Each is to be reported to {@linkcode Schedule.ended}.
   * @throws The reason of the signal, if it aborts.
   */
  async *requests(signal: AbortSignal): AsyncGenerator<Request, void, void> {
    this.#startedAt = performance.now();
    let number = 0;
    while (!this.#isOver) {
      this.#advance();
      const due = this.#due;
      this.#due = [];
      for (const { target, round } of due) {
        this.#advance();
        this.#underWay.set(target, this.#tick);
        yield request(target, number++, round);
      }
      if (this.#due.length === 0 && !this.#isOver) await this.#change(signal);
    }
  }

  /** Takes back the target of a check that has ended. */
  ended({ target, round }: Request): void {
    this.#advance();
    const startedIn = this.#underWay.get(target);
    this.#underWay.delete(target);
    if (round < this.#rounds) (startedIn === this.#tick ? this.#resting : this.#due).push({ target, round: round + 1 });
    if (this.#due.length > 0 || this.#isOver) this.#wake?.();
  }

  get #isOver(): boolean {
    return this.#due.length + this.#resting.length + this.#underWay.size === 0;
  }

  /** Looks at the clock. */
  #advance(): void {
    const tick = Math.floor((performance.now() - this.#startedAt) / this.#interval);
    if (tick <= this.#tick) return;
    this.#tick = tick;
    this.#due = this.#due.concat(this.#resting);
    this.#resting = [];
  }

  /** Waits for the next tick, or for a check that was late to end. */
  async #change(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const next = this.#startedAt + (this.#tick + 1) * this.#interval;
    const timer = setTimeout(resolve, Math.max(Math.ceil(next - performance.now()), 0));
    try {
      await unlessAborted(promise, signal);
    } finally {
      clearTimeout(timer);
    }
  }
}
