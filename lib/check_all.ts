/** Checks of many targets: a stream of results with bounded concurrency and back-pressure. */

import { type Abortable, unwatch, watch } from "./abortable.ts";
import { type Endpoint, parseEndpoint } from "./address.ts";
import { type Engine, modeOf, type Pending } from "./engine.ts";
import {
  type AnyCheckAllOptions,
  type Defaults,
  optionsOf,
  resolveConcurrency,
  type ResolvedOptions,
  resolveOnInvalid,
  resolveOptions,
  resolveRate,
  resolveSignal,
} from "./options.ts";
import { Pace } from "./pace.ts";
import type { CheckResult, CheckTarget, InvalidResult } from "./result.ts";

type Targets = Iterable<CheckTarget> | AsyncIterable<CheckTarget>;

type AnyResult = CheckResult | InvalidResult;

/** A loop that runs, or has run. */
export interface StartedLoop {
  readonly engine: Engine;
  /** Who is told when it is stopped, beside the checks under way. */
  readonly runs: Set<{ stop(reason: unknown): void }>;
  /** Why it was stopped, once it is. */
  stopped?: { readonly reason: unknown };
}

/**
 * See {@linkcode Checker.checkAll}.
 *
 * @param start Gives the loop, or throws if there is none.
 * @param targets What to check.
 * @param options How.
 * @param defaults The checker's own options.
 * @returns The results.
 */
export function checkAll(
  start: () => Promise<StartedLoop>,
  targets: Targets,
  options: AnyCheckAllOptions | number,
  defaults: Defaults,
): AsyncGenerator<AnyResult, void, void> {
  const cancellation = new AbortController();
  const results = generate(start, targets, options, defaults, cancellation.signal);
  const end = results.return.bind(results);
  // A generator hears of its end only when it next yields.
  results.return = (value) => {
    cancellation.abort();
    return end(value);
  };
  return results;
}

async function* generate(
  start: () => Promise<StartedLoop>,
  targets: Targets,
  options: AnyCheckAllOptions | number,
  defaults: Defaults,
  cancellation: AbortSignal,
): AsyncGenerator<AnyResult, void, void> {
  const given: AnyCheckAllOptions = optionsOf(options);
  const resolved = resolveOptions(given, defaults, "checkAll()");
  const { concurrency } = given;
  const rate = resolveRate(given.rate) ?? Infinity;
  const onInvalid = resolveOnInvalid(given.onInvalid);
  const signal = resolveSignal(given.signal);
  signal?.throwIfAborted();
  const { engine, runs, stopped } = await start();
  signal?.throwIfAborted();
  if (stopped) throw stopped.reason;
  if (cancellation.aborted) return;
  const limits = { window: engine.window, rate: Math.min(rate, engine.rate ?? Infinity) };
  const run = new Run(engine, resolved, {
    concurrency: resolveConcurrency(concurrency, limits, resolved.timeout),
    rate,
    onInvalid,
  });
  cancellation.onabort = () => run.cancel();
  runs.add(run);
  if (signal !== undefined) watch(signal, run);
  run.pull(targets);
  try {
    while (await run.hasResults()) {
      for (const result of run.takeResults()) {
        run.throwIfAborted();
        yield result;
      }
    }
  } catch (error) {
    // What the source says to that is of no interest any more.
    await run.closeSource().catch(() => {});
    throw error;
  } finally {
    runs.delete(run);
    if (signal !== undefined) unwatch(signal, run);
    run.cancel();
    await run.closeSource();
  }
}

/** How a run takes targets. */
interface RunOptions {
  readonly concurrency: number;
  /** Checks a second; `Infinity` if there is no limit. */
  readonly rate: number;
  readonly onInvalid: "throw" | "result";
}

/** One run: the checks under way, and the results that nobody has taken yet. */
class Run implements Abortable {
  readonly #engine: Engine;
  readonly #options: ResolvedOptions;
  readonly #concurrency: number;
  readonly #onInvalid: RunOptions["onInvalid"];
  readonly #pace: Pace | undefined;
  /** In no order: each knows its place. */
  readonly #pending: PendingTarget[] = [];
  #results: AnyResult[] = [];
  #source: Iterator<CheckTarget> | AsyncIterator<CheckTarget> | undefined;
  /** Whether the source owes us an answer. */
  #asking = false;
  #pulling = true;
  #cancelled = false;
  /** The first error: what the iteration throws once the results before it are taken. */
  #failure: { reason: unknown } | undefined;
  #wakeConsumer: (() => void) | undefined;
  #wakeProducer: (() => void) | undefined;
  /** Ends the wait for a turn. */
  #endPause: (() => void) | undefined;

  constructor(engine: Engine, options: ResolvedOptions, { concurrency, rate, onInvalid }: RunOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#concurrency = concurrency;
    this.#onInvalid = onInvalid;
    if (rate < Infinity) this.#pace = new Pace(rate);
  }

  /** Takes targets from the source while there is room. Never rejects. */
  async pull(targets: Targets): Promise<void> {
    try {
      const source = this.#source = iterate(targets);
      // Only what has to be awaited is: what is submitted in one turn goes down as one batch.
      while (
        (this.#isRoom() || await this.#hasRoom()) && (this.#pace === undefined || await this.#hasTurn(this.#pace))
      ) {
        this.#asking = true;
        const next = source.next();
        const { done, value } = "then" in next ? await next : next;
        this.#asking = false;
        if (done) {
          this.#source = undefined;
          break;
        }
        // It may have been cancelled while the source was thinking.
        if (!this.#cancelled) this.#submit(value);
      }
      await this.closeSource();
    } catch (reason) {
      this.#failure ??= { reason };
      // One that failed when it was asked is closed.
      if (this.#asking) this.#source = undefined;
      this.#asking = false;
      await this.closeSource().catch(() => {});
    }
    this.#pulling = false;
    this.#wakeConsumer?.();
  }

  /**
   * Tells the source that nothing more will be taken from it, and waits for it unless it is still thinking.
   *
   * @throws What it throws then.
   */
  async closeSource(): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    const closed = source?.return?.();
    if (!this.#asking) await closed;
    else Promise.resolve(closed).catch(() => {});
  }

  /** Waits for results; false when there won't be any more. */
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

  /** Takes the results there are. */
  takeResults(): AnyResult[] {
    const results = this.#results;
    this.#results = [];
    this.#wakeProducer?.();
    return results;
  }

  /** Ends the run at once, with an error. */
  abort(reason: unknown): void {
    if (this.#cancelled) return;
    this.#failure = { reason };
    this.#results = [];
    this.cancel();
  }

  /** Ends the run at once, if there is anything that it has still to ask the engine for. */
  stop(reason: unknown): void {
    if (this.#pulling) this.abort(reason);
  }

  /** Throws what the run was aborted with, if it was. */
  throwIfAborted(): void {
    if (this.#cancelled && this.#failure !== undefined) throw this.#failure.reason;
  }

  /** Ends the run at once. */
  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    for (const pending of this.#pending.splice(0)) this.#engine.cancel(pending);
    this.#wakeProducer?.();
    this.#wakeConsumer?.();
    this.#endPause?.();
  }

  /** Takes a result of one of the run's checks. */
  settle(pending: PendingTarget, result: CheckResult, more: boolean): void {
    // Some engines tell in a later turn what they found out before.
    if (this.#cancelled) return;
    if (!more) this.#forget(pending);
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

  /** Parses a target; gives the result of one that is malformed. */
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

  /** The last one takes its place. */
  #forget({ place }: PendingTarget): void {
    const last = this.#pending.pop()!;
    if (place === this.#pending.length) return;
    last.place = place;
    this.#pending[place] = last;
  }

  async #hasRoom(): Promise<boolean> {
    while (!this.#cancelled && !this.#isRoom()) await new Promise<void>((resolve) => this.#wakeProducer = resolve);
    return !this.#cancelled;
  }

  /** Waits for the turn of the next check; false if the run is cancelled. */
  async #hasTurn(pace: Pace): Promise<boolean> {
    for (let wait = pace.take(); wait > 0 && !this.#cancelled; wait = pace.take()) {
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
   * A slow consumer holds back new checks, since results that wait for it are counted too. A run that was cancelled has no
   * room for any.
   */
  #isRoom(): boolean {
    return !this.#cancelled && this.#pending.length < this.#concurrency && this.#results.length < this.#concurrency;
  }
}

class PendingTarget implements Pending {
  readonly target: CheckTarget;
  readonly endpoint: Endpoint;
  readonly details: boolean;
  readonly #run: Run;
  id = 0;
  /** Among those of the run. */
  place: number;

  constructor(run: Run, target: CheckTarget, endpoint: Endpoint, details: boolean, place: number) {
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
  throw new TypeError("Cannot check: the targets must be an iterable or async iterable of targets");
}
