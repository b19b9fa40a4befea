/** Clock that only the test advances. */

import type { Clock } from "../../lib/clock.ts";

interface Timer {
  readonly time: number;
  readonly callback: () => void;
}

/** Manual clock. Its monotonic clock starts at 0; its wall clock is `dateOffset` ms ahead. */
export class HeldClock implements Clock {
  readonly #timers = new Set<Timer>();
  #now = 0;
  dateOffset = Date.UTC(2026, 10, 28);

  now(): number {
    return this.#now;
  }

  date(): number {
    return this.dateOffset + this.#now;
  }

  at(time: number, callback: () => void): () => void {
    const timer = { time, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Advances the clock timer by timer, and lets promises settle in between. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    while (true) {
      const next = [...this.#timers].filter(({ time }) => time <= end)
        .reduce((first: Timer | undefined, timer) => first && first.time <= timer.time ? first : timer, undefined);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.time);
      next.callback();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  /** Advances the clock at once, as on a machine that was suspended, so that timers are late. */
  async sleep(ms: number): Promise<void> {
    this.#now += ms;
    await this.pass(0);
  }
}

/** Lets promises settle. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}
