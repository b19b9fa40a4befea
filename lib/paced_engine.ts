/** Rate limit of an engine: a queue before it, from which no more than a number of checks a second are started. */

import type { Engine, EngineFailure, Pending, Resolved } from "./engine.ts";
import type { ResolvedOptions } from "./options.ts";
import { Pace } from "./pace.ts";
import { SHOWN_QUEUE_TIME } from "./queue_time.ts";
import type { CheckResult } from "./result.ts";

/** An engine to which checks are handed at a limited rate. The time of a check starts when it is handed over. */
export class PacedEngine implements Engine {
  readonly name: Engine["name"];
  readonly window: number;
  readonly rate: number;
  readonly ended: Promise<EngineFailure | undefined>;
  readonly #engine: Engine;
  readonly #pace: Pace;
  /** Checks that wait for their turn, oldest first. */
  readonly #queue = new Map<Pending, Waiting>();
  /** What the engine has of checks that have waited. */
  readonly #delayed = new Map<Pending, Delayed>();
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

  keepAlive(enabled: boolean): void {
    this.#engine.keepAlive(enabled);
  }

  submit(pending: Pending, options: ResolvedOptions): void {
    const wait = this.#timer === undefined ? this.#pace.take() : undefined;
    if (wait === 0) return this.#engine.submit(pending, options);
    this.#queue.set(pending, { options, since: performance.now() });
    if (wait !== undefined) this.#wakeIn(wait);
  }

  cancel(pending: Pending): void {
    if (this.#queue.delete(pending)) {
      if (this.#queue.size === 0) this.#sleep();
      return;
    }
    this.#engine.cancel(this.#delayed.get(pending) ?? pending);
    this.#delayed.delete(pending);
  }

  stop(reason: unknown): void {
    this.#failQueue(reason);
    this.#engine.stop(reason);
  }

  readonly #handOver = (): void => {
    this.#timer = undefined;
    for (const [pending, { options, since }] of this.#queue) {
      const wait = this.#pace.take();
      if (wait > 0) return this.#wakeIn(wait);
      this.#queue.delete(pending);
      const delayed = new Delayed(pending, performance.now() - since, () => this.#delayed.delete(pending));
      this.#delayed.set(pending, delayed);
      this.#engine.submit(delayed, options);
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

/** A check that waits for its turn. */
interface Waiting {
  readonly options: ResolvedOptions;
  /** Since when. */
  readonly since: number;
}

/** A check that has waited for its turn: its results tell for how long. */
class Delayed implements Pending {
  id = 0;
  readonly target: Pending["target"];
  readonly endpoint: Pending["endpoint"];
  readonly details: boolean;
  readonly #pending: Pending;
  readonly #wait: number;
  readonly #onEnd: () => void;

  constructor(pending: Pending, wait: number, onEnd: () => void) {
    this.target = pending.target;
    this.endpoint = pending.endpoint;
    this.details = pending.details;
    this.#pending = pending;
    this.#wait = wait;
    this.#onEnd = onEnd;
  }

  settle(result: CheckResult | Resolved, more: boolean): void {
    if (!more) this.#onEnd();
    const queueTime = (result.queueTime ?? 0) + this.#wait;
    if (queueTime >= SHOWN_QUEUE_TIME) result.queueTime = queueTime;
    this.#pending.settle(result, more);
  }

  fail(reason: unknown): void {
    this.#onEnd();
    this.#pending.fail(reason);
  }
}
