/** Checks of many targets: a stream of results with bounded concurrency and back-pressure. */

import { type Endpoint, parseTarget } from "./address.ts";
import type { NativeEngine, Pending } from "./native.ts";
import {
  type CheckAllOptions,
  type CheckerOptions,
  resolveConcurrency,
  type ResolvedOptions,
  resolveOptions,
} from "./options.ts";
import type { CheckResult, CheckTarget } from "./result.ts";

type Targets = Iterable<CheckTarget> | AsyncIterable<CheckTarget>;

/**
 * See {@linkcode Checker.checkAll}.
 *
 * @param start Gives the engine, or throws if there is none.
 * @param targets What to check.
 * @param options How.
 * @param defaults The checker's own options.
 * @returns The results.
 */
export async function* checkAll(
  start: () => Promise<NativeEngine>,
  targets: Targets,
  options: CheckAllOptions,
  defaults: CheckerOptions,
): AsyncGenerator<CheckResult, void, void> {
  const { signal } = options;
  const resolved = resolveOptions(options, defaults, true);
  signal?.throwIfAborted();
  const engine = await start();
  signal?.throwIfAborted();
  const run = new Run(engine, resolved, resolveConcurrency(options.concurrency, engine.window));
  const onAbort = () => run.abort(signal!.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const pulled = run.pull(targets);
  try {
    while (await run.hasResults()) yield* run.takeResults();
  } finally {
    signal?.removeEventListener("abort", onAbort);
    run.cancel();
    // The source is told before the caller goes on that nothing more will be taken from it.
    await pulled;
  }
}

/** One run: the checks under way, and the results that nobody has taken yet. */
class Run {
  readonly #engine: NativeEngine;
  readonly #options: ResolvedOptions;
  readonly #concurrency: number;
  readonly #pending = new Set<PendingTarget>();
  #results: CheckResult[] = [];
  #pulling = true;
  #cancelled = false;
  /** The first error: what the iteration throws once the results before it are taken. */
  #failure: { reason: unknown } | undefined;
  #wakeConsumer: (() => void) | undefined;
  #wakeProducer: (() => void) | undefined;

  constructor(engine: NativeEngine, options: ResolvedOptions, concurrency: number) {
    this.#engine = engine;
    this.#options = options;
    this.#concurrency = concurrency;
  }

  /** Takes targets from the source while there is room. Never rejects. */
  async pull(targets: Targets): Promise<void> {
    let iterator: Iterator<CheckTarget> | AsyncIterator<CheckTarget> | undefined;
    try {
      iterator = iterate(targets);
      while (await this.#hasRoom()) {
        const next = iterator.next();
        const { done, value } = next instanceof Promise ? await next : next;
        if (done) {
          iterator = undefined;
          break;
        }
        // It may have been cancelled while the source was thinking.
        if (!this.#cancelled) this.#submit(value);
      }
    } catch (reason) {
      this.#failure ??= { reason };
    }
    try {
      await iterator?.return?.();
    } catch (reason) {
      this.#failure ??= { reason };
    }
    this.#pulling = false;
    this.#wakeConsumer?.();
  }

  /** Waits for results; false when there won't be any more. */
  async hasResults(): Promise<boolean> {
    while (this.#results.length === 0) {
      if (this.#cancelled || (!this.#pulling && this.#pending.size === 0)) {
        if (this.#failure !== undefined) throw this.#failure.reason;
        return false;
      }
      await new Promise<void>((resolve) => this.#wakeConsumer = resolve);
    }
    return true;
  }

  /** Takes the results there are. */
  takeResults(): CheckResult[] {
    const results = this.#results;
    this.#results = [];
    this.#wakeProducer?.();
    return results;
  }

  /** Ends the run at once, with an error. */
  abort(reason: unknown): void {
    this.#failure = { reason };
    this.#results = [];
    this.cancel();
  }

  /** Ends the run at once. */
  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    for (const pending of this.#pending) this.#engine.cancel(pending.id);
    this.#pending.clear();
    this.#wakeProducer?.();
    this.#wakeConsumer?.();
  }

  /** Takes a result of one of the run's checks. */
  settle(pending: PendingTarget, result: CheckResult, more: boolean): void {
    if (!more) this.#pending.delete(pending);
    this.#results.push(result);
    this.#wakeProducer?.();
    this.#wakeConsumer?.();
  }

  #submit(target: CheckTarget): void {
    const pending = new PendingTarget(this, target, parseTarget(target));
    this.#pending.add(pending);
    pending.id = this.#engine.submit(pending, this.#options);
  }

  async #hasRoom(): Promise<boolean> {
    while (!this.#cancelled && !this.#isRoom()) await new Promise<void>((resolve) => this.#wakeProducer = resolve);
    return !this.#cancelled;
  }

  /** A slow consumer holds back new checks, since results that wait for it are counted too. */
  #isRoom(): boolean {
    return this.#pending.size < this.#concurrency && this.#results.length < this.#concurrency;
  }
}

class PendingTarget implements Pending {
  readonly target: CheckTarget;
  readonly endpoint: Endpoint;
  readonly #run: Run;
  id = 0;

  constructor(run: Run, target: CheckTarget, endpoint: Endpoint) {
    this.#run = run;
    this.target = target;
    this.endpoint = endpoint;
  }

  settle(result: CheckResult, more: boolean): void {
    this.#run.settle(this, result, more);
  }

  fail(reason: unknown): void {
    this.#run.abort(reason);
  }
}

function iterate(targets: Targets): Iterator<CheckTarget> | AsyncIterator<CheckTarget> {
  if (targets !== null && targets !== undefined && typeof targets !== "string") {
    if (Symbol.asyncIterator in targets) return targets[Symbol.asyncIterator]();
    if (Symbol.iterator in targets) return targets[Symbol.iterator]();
  }
  throw new TypeError("Cannot check: the targets must be an iterable or async iterable of targets");
}
