/** Producer and consumer of a stream of checks, with bounded concurrency and back-pressure. */

import type { Abortable } from "./abortable.ts";
import { type Endpoint, parseEndpoint } from "../address.ts";
import { type Engine, modeOf, type Pending } from "../engine.ts";
import { quote } from "../quote.ts";
import { TokenBucket } from "./token_bucket.ts";
import type { ResolvedOptions } from "../resolved_options.ts";
import type { CheckResult, CheckTarget, InvalidResult } from "../result.ts";

/** Source of targets. */
export type Targets = Iterable<CheckTarget> | AsyncIterable<CheckTarget>;

/** Result of a check, or of a malformed target. */
export type AnyResult = CheckResult | InvalidResult;

/** Options of a run. */
export interface RunOptions {
  readonly concurrency: number;
  /** Checks per second; `Infinity` without a limit. */
  readonly rate: number;
  readonly onInvalid: "throw" | "result";
}

/** Run of `checkAll()`. The producer submits checks while fewer than `concurrency` are pending; the consumer takes results. */
export class CheckAllRun implements Abortable {
  readonly #engine: Engine;
  readonly #options: ResolvedOptions;
  readonly #concurrency: number;
  readonly #onInvalid: RunOptions["onInvalid"];
  readonly #bucket: TokenBucket | undefined;
  /** Pending checks, unordered. Each stores its index, so that removal takes constant time. */
  readonly #pending: PendingTarget[] = [];
  #results: AnyResult[] = [];
  #source: Iterator<CheckTarget> | AsyncIterator<CheckTarget> | undefined;
  /** Whether a call of the source's `next()` is pending. */
  #nextPending = false;
  #pulling = true;
  #cancelled = false;
  /** The first error. The iteration throws the error after the earlier results. */
  #failure: { reason: unknown } | undefined;
  #wakeConsumer: (() => void) | undefined;
  #wakeProducer: (() => void) | undefined;
  /** Ends the wait for a token. */
  #endPause: (() => void) | undefined;

  constructor(engine: Engine, options: ResolvedOptions, { concurrency, rate, onInvalid }: RunOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#concurrency = concurrency;
    this.#onInvalid = onInvalid;
    if (rate < Infinity) this.#bucket = new TokenBucket(rate);
  }

  /** Producer: submits the targets of the source. Never rejects. */
  async pull(targets: Targets): Promise<void> {
    try {
      const source = this.#source = iterate(targets);
      // Awaits only where necessary, because the engine batches all checks that are submitted in one turn.
      while (
        (this.#hasRoom() || await this.#waitForRoom()) &&
        (this.#bucket === undefined || await this.#takeToken(this.#bucket))
      ) {
        this.#nextPending = true;
        const next = source.next();
        const { done, value } = "then" in next ? await next : next;
        this.#nextPending = false;
        if (done) {
          this.#source = undefined;
          break;
        }
        // The run may have been cancelled while next() was pending.
        if (!this.#cancelled) this.#submit(value);
      }
      await this.closeSource();
    } catch (reason) {
      this.#failure ??= { reason };
      // A source whose next() failed is already closed.
      if (this.#nextPending) this.#source = undefined;
      this.#nextPending = false;
      await this.closeSource().catch(() => {});
    }
    this.#pulling = false;
    this.#wakeConsumer?.();
  }

  /**
   * Closes the source with `return()`. Does not await the end while a `next()` is pending, which may never resolve.
   *
   * @throws The source's own error.
   */
  async closeSource(): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    const closed = source?.return?.();
    if (!this.#nextPending) await closed;
    else Promise.resolve(closed).catch(() => {});
  }

  /** Waits for results. Returns false after the last one. */
  async hasResults(): Promise<boolean> {
    while (this.#results.length === 0) {
      if (this.#cancelled || (!this.#pulling && this.#pending.length === 0)) {
        if (this.#failure !== undefined) throw this.#failure.reason;
        return false;
      }
      await new Promise<void>((resolve) => this.#wakeConsumer = resolve);
    }
    return true;
  }

  /** Takes all buffered results. */
  takeResults(): AnyResult[] {
    const results = this.#results;
    this.#results = [];
    this.#wakeProducer?.();
    return results;
  }

  /** Cancels the run with an error, and drops buffered results. */
  abort(reason: unknown): void {
    if (this.#cancelled) return;
    this.#failure = { reason };
    this.#results = [];
    this.cancel();
  }

  /** Aborts the run, unless all of its targets are submitted. */
  stop(reason: unknown): void {
    if (this.#pulling) this.abort(reason);
  }

  /** Throws the reason of the abort, if the run was aborted. */
  throwIfAborted(): void {
    if (this.#cancelled && this.#failure !== undefined) throw this.#failure.reason;
  }

  /** Cancels all pending checks, and wakes the producer and the consumer. */
  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    for (const pending of this.#pending.splice(0)) this.#engine.cancel(pending);
    this.#wakeProducer?.();
    this.#wakeConsumer?.();
    this.#endPause?.();
  }

  /** Buffers a result of a check of this run. */
  settle(pending: PendingTarget, result: CheckResult, more: boolean): void {
    // An engine may deliver a result from before the cancellation.
    if (this.#cancelled) return;
    if (!more) this.#remove(pending);
    this.#results.push(result);
    this.#wakeProducer?.();
    this.#wakeConsumer?.();
  }

  #submit(target: CheckTarget): void {
    const endpoint = this.#onInvalid === "throw" ? parseEndpoint(target) : this.#endpointOf(target);
    if (endpoint === undefined) return;
    const pending = new PendingTarget(this, target, endpoint, this.#options.details, this.#pending.length);
    this.#pending.push(pending);
    this.#engine.submit(pending, this.#options);
  }

  /** Parses a target. Buffers an `"invalid"` result if the target is malformed. */
  #endpointOf(target: CheckTarget): Endpoint | undefined {
    try {
      return parseEndpoint(target);
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      const mode = modeOf(this.#engine, this.#options);
      this.#results.push({
        status: "invalid",
        target,
        mode,
        engine: this.#engine.name,
        dnsTime: 0,
        duration: 0,
        error,
      });
      this.#wakeConsumer?.();
    }
  }

  /** Removes a check from the pending ones (swap-remove). */
  #remove({ place }: PendingTarget): void {
    const last = this.#pending.pop()!;
    if (place === this.#pending.length) return;
    last.place = place;
    this.#pending[place] = last;
  }

  async #waitForRoom(): Promise<boolean> {
    while (!this.#cancelled && !this.#hasRoom()) await new Promise<void>((resolve) => this.#wakeProducer = resolve);
    return !this.#cancelled;
  }

  /** Waits for a token of the rate limit. Returns false if the run is cancelled. */
  async #takeToken(bucket: TokenBucket): Promise<boolean> {
    for (let wait = bucket.take(); wait > 0 && !this.#cancelled; wait = bucket.take()) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.ceil(wait));
        this.#endPause = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return !this.#cancelled;
  }

  /**
   * Whether another check may start. Buffered results count too, so a slow consumer delays new checks (back-pressure).
   */
  #hasRoom(): boolean {
    return !this.#cancelled && this.#pending.length < this.#concurrency && this.#results.length < this.#concurrency;
  }
}

class PendingTarget implements Pending {
  readonly target: CheckTarget;
  readonly endpoint: Endpoint;
  readonly details: boolean;
  readonly #run: CheckAllRun;
  id = 0;
  /** Index in the run's pending checks. */
  place: number;

  constructor(run: CheckAllRun, target: CheckTarget, endpoint: Endpoint, details: boolean, place: number) {
    this.#run = run;
    this.target = target;
    this.endpoint = endpoint;
    this.details = details;
    this.place = place;
  }

  settle(result: CheckResult, more: boolean): void {
    this.#run.settle(this, result, more);
  }

  fail(reason: unknown): void {
    this.#run.abort(reason);
  }
}

function iterate(targets: Targets): Iterator<CheckTarget> | AsyncIterator<CheckTarget> {
  if (typeof targets === "object" && targets !== null) {
    const either = targets as Partial<AsyncIterable<CheckTarget> & Iterable<CheckTarget>>;
    const iterator = either[Symbol.asyncIterator]?.() ?? either[Symbol.iterator]?.();
    if (iterator !== undefined) return iterator;
  }
  throw new TypeError(
    `Cannot check: targets must be an iterable or async iterable of targets, such as an array: ${quote(targets)}`,
  );
}
