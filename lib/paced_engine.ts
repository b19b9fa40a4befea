/** Rate limit of an engine: a queue before it, from which no more than a number of checks a second are started. */

import type { Engine, EngineFailure, Pending } from "./engine.ts";
import type { ResolvedOptions } from "./options.ts";
import { Pace } from "./pace.ts";

/** An engine to which checks are handed at a limited rate. The time of a check starts when it is handed over. */
export class PacedEngine implements Engine {
  readonly name: Engine["name"];
  readonly window: number;
  readonly rate: number;
  readonly ended: Promise<EngineFailure | undefined>;
  readonly #engine: Engine;
  readonly #pace: Pace;
  /** Checks that wait for their turn, oldest first. */
  readonly #queue = new Map<Pending, ResolvedOptions>();
  /** Runs while there is a queue, and keeps the process alive. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Puts a queue before an engine.
   *
   * @param engine The engine.
   * @param rate How many checks are handed to it in a second, at most.
   */
  constructor(engine: Engine, rate: number) {
    this.name = engine.name;
    this.window = engine.window;
    this.rate = rate;
    this.#engine = engine;
    this.#pace = new Pace(rate);
    this.ended = engine.ended.then((failure) =>
      failure && { error: failure.error, delivered: this.#failQueue(failure.error) || failure.delivered }
    );
  }

  hold(held: boolean): void {
    this.#engine.hold(held);
  }

  submit(pending: Pending, options: ResolvedOptions): void {
    const wait = this.#timer === undefined ? this.#pace.take() : undefined;
    if (wait === 0) return this.#engine.submit(pending, options);
    this.#queue.set(pending, options);
    if (wait !== undefined) this.#wakeIn(wait);
  }

  cancel(pending: Pending): void {
    if (!this.#queue.delete(pending)) this.#engine.cancel(pending);
    else if (this.#queue.size === 0) this.#sleep();
  }

  stop(reason: unknown): void {
    this.#failQueue(reason);
    this.#engine.stop(reason);
  }

  readonly #handOver = (): void => {
    this.#timer = undefined;
    for (const [pending, options] of this.#queue) {
      const wait = this.#pace.take();
      if (wait > 0) return this.#wakeIn(wait);
      this.#queue.delete(pending);
      this.#engine.submit(pending, options);
    }
  };

  #wakeIn(wait: number): void {
    this.#timer = setTimeout(this.#handOver, Math.ceil(wait));
  }

  #sleep(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Fails what waits. Tells whether there was anything. */
  #failQueue(reason: unknown): boolean {
    const checks = [...this.#queue.keys()];
    this.#queue.clear();
    this.#sleep();
    for (const check of checks) check.fail(reason);
    return checks.length > 0;
  }
}
