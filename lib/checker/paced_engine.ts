/** Rate-limited engine: a wrapper with a FIFO queue and a token bucket. */

import { type Engine, type EngineFailure, modeOf, type Pending, type Resolved } from "../engine.ts";
import type { ResolvedOptions } from "../resolved_options.ts";
import { TokenBucket } from "./token_bucket.ts";
import { QUEUE_TIMEOUT, queueTimeLeft, SHOWN_QUEUE_TIME } from "../queue_time.ts";
import type { CheckResult } from "../result.ts";

/** Wrapper that submits checks to an engine at a limited rate. A check's timeout starts at the submission. */
export class PacedEngine implements Engine {
  readonly name: Engine["name"];
  readonly window: number;
  readonly rate: number;
  readonly ended: Promise<EngineFailure | undefined>;
  readonly #engine: Engine;
  readonly #bucket: TokenBucket;
  /** Checks that wait for a token, oldest first. */
  readonly #queue = new Map<Pending, Waiting>();
  /** Submitted checks that waited in the queue, by the caller's check. */
  readonly #delayed = new Map<Pending, Delayed>();
  /** Fires when the next token is due. Runs while the queue is not empty, and keeps the process alive. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Wraps an engine.
   *
   * @param engine The engine.
   * @param rate The maximum number of checks that it gets per second.
   */
  constructor(engine: Engine, rate: number) {
    this.name = engine.name;
    this.window = engine.window;
    this.rate = rate;
    this.#engine = engine;
    this.#bucket = new TokenBucket(rate);
    this.ended = engine.ended.then((failure) =>
      failure && { error: failure.error, delivered: this.#failQueue(failure.error) || failure.delivered }
    );
  }

  keepAlive(enabled: boolean): void {
    this.#engine.keepAlive(enabled);
  }

  submit(pending: Pending, options: ResolvedOptions): void {
    const wait = this.#timer === undefined ? this.#bucket.take() : undefined;
    if (wait === 0) return this.#engine.submit(pending, options);
    const waiting = new Waiting(options, () => this.#endWait(pending));
    this.#queue.set(pending, waiting);
    if (wait !== undefined) this.#wakeIn(wait);
  }

  cancel(pending: Pending): void {
    if (this.#leaveQueue(pending)) return;
    this.#engine.cancel(this.#delayed.get(pending) ?? pending);
    this.#delayed.delete(pending);
  }

  stop(reason: unknown): void {
    this.#failQueue(reason);
    this.#engine.stop(reason);
  }

  readonly #submitQueued = (): void => {
    this.#timer = undefined;
    for (const [pending, waiting] of this.#queue) {
      const wait = this.#bucket.take();
      if (wait > 0) return this.#wakeIn(wait);
      this.#queue.delete(pending);
      waiting.end();
      const waited = waiting.duration;
      const delayed = new Delayed(pending, waited, () => this.#delayed.delete(pending));
      this.#delayed.set(pending, delayed);
      this.#engine.submit(delayed, { ...waiting.options, queueTimeout: queueTimeLeft(waiting.options, waited) });
    }
  };

  /** Removes a check from the queue. Returns its entry; `undefined` if the check is not queued. */
  #leaveQueue(pending: Pending): Waiting | undefined {
    const waiting = this.#queue.get(pending);
    if (waiting === undefined) return undefined;
    this.#queue.delete(pending);
    if (this.#queue.size === 0) this.#sleep();
    waiting.end();
    return waiting;
  }

  /** Settles a check that has waited for its `queueTimeout`. */
  #endWait(pending: Pending): void {
    const waiting = this.#leaveQueue(pending);
    if (waiting === undefined) return;
    pending.settle({
      ...QUEUE_TIMEOUT,
      target: pending.target,
      mode: modeOf(this, waiting.options),
      engine: this.name,
      dnsTime: 0,
      duration: 0,
      queueTime: waiting.duration,
    }, false);
  }

  #wakeIn(wait: number): void {
    this.#timer = setTimeout(this.#submitQueued, Math.ceil(wait));
  }

  #sleep(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Fails all queued checks. Returns whether there were any. */
  #failQueue(reason: unknown): boolean {
    const checks = [...this.#queue];
    this.#queue.clear();
    this.#sleep();
    for (const [check, waiting] of checks) {
      waiting.end();
      check.fail(reason);
    }
    return checks.length > 0;
  }
}

/** Entry of the queue. */
class Waiting {
  readonly options: ResolvedOptions;
  readonly #since = performance.now();
  readonly #timer: ReturnType<typeof setTimeout> | undefined;

  /** `onLimit` is called once the check has waited for its `queueTimeout`. */
  constructor(options: ResolvedOptions, onLimit: () => void) {
    this.options = options;
    if (options.queueTimeout < Infinity) this.#timer = setTimeout(onLimit, Math.ceil(options.queueTimeout));
  }

  /** Time since the wait began, in ms. */
  get duration(): number {
    return performance.now() - this.#since;
  }

  /** Cancels the timer of `queueTimeout`. */
  end(): void {
    clearTimeout(this.#timer);
  }
}

/** Proxy of a check that waited in the queue. It adds the wait to the `queueTime` of the results. */
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
