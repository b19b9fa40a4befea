/** Lifecycle of the checking loop: start, readiness, errors and stop of its engine. */

import type { Engine } from "../engine.ts";
import { CheckerAlreadyStartedError, CheckerNotRunningError } from "../errors.ts";
import { type EngineChoice, resolveSignal } from "../resolved_options.ts";
import { startEngine } from "./start_engine.ts";

/** Checking loop that was started, and may have been stopped since. */
export interface StartedLoop {
  readonly engine: Engine;
  /** Runs of `checkAll()` that stop with the loop. */
  readonly runs: Set<{ stop(reason: unknown): void }>;
  /** The reason of the stop; absent while the loop runs. */
  stopped?: { readonly reason: unknown };
}

/** Run of the loop, from its start to its end. */
interface Run extends Omit<StartedLoop, "engine"> {
  engine?: Engine;
  readonly ended: PromiseWithResolvers<void>;
}

/** Checking loop, which can be run again after its end. */
export class CheckingLoop {
  readonly #choice: EngineChoice;
  #run: Run | undefined;
  /** Resolves with the run once its engine is started. Replaced by a stop, and after a failure by the next run. */
  #ready = readiness();
  /** The error of the last run, if it failed. */
  #failure: { readonly reason: unknown } | undefined;
  /** The number of calls that wait for the start. */
  #waiting = 0;
  #keepsAlive = true;

  /**
   * Makes a loop. {@linkcode CheckingLoop.run} starts it.
   *
   * @param choice The engine to start.
   */
  constructor(choice: EngineChoice) {
    this.#choice = choice;
  }

  /** The engine, while the loop runs. */
  get engine(): Engine | undefined {
    return this.#live?.engine;
  }

  /** See {@linkcode Checker.checkingLoop}. */
  run(signal: AbortSignal | null | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#runUntilAbort(signal, () => promise.catch(() => {})).then(resolve, reject);
    return promise;
  }

  /** Waits until the loop runs. When the caller resumes, the loop may have been stopped. */
  async ready(): Promise<StartedLoop> {
    this.#waiting++;
    try {
      return await this.#ready.promise;
    } finally {
      this.#waiting--;
    }
  }

  /**
   * Waits for the loop, if it is running or starting.
   *
   * @throws {CheckerNotRunningError} If the loop is neither running nor starting.
   */
  async started(): Promise<StartedLoop> {
    if (this.#live !== undefined) return await this.ready();
    throw new CheckerNotRunningError(this.#failure && { cause: this.#failure.reason });
  }

  /** Chooses whether a running loop keeps the process alive without pending checks. */
  keepAlive(enabled: boolean): void {
    this.#keepsAlive = enabled;
    this.engine?.keepAlive(enabled);
  }

  /** Stops the loop, if it runs, and waits for its end. Pending checks reject with the reason. */
  async stop(reason: unknown): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    this.#stop(run, reason);
    await run.ended.promise;
  }

  /** The run, unless it is stopping. */
  get #live(): Run | undefined {
    return this.#run?.stopped === undefined ? this.#run : undefined;
  }

  /** Runs the loop. Calls `onDelivered` before it rejects with an error that a check or `ready()` rejected with. */
  async #runUntilAbort(signal: AbortSignal | null | undefined, onDelivered: () => void): Promise<void> {
    const given = resolveSignal(signal);
    if (this.#live !== undefined) throw new CheckerAlreadyStartedError();
    if (given?.aborted) return this.#fail(given.reason);
    if (this.#failure !== undefined) {
      this.#failure = undefined;
      this.#ready = readiness();
    }
    const previous = this.#run;
    const run: Run = { runs: new Set(), ended: Promise.withResolvers() };
    this.#run = run;
    const onAbort = () => this.#stop(run, given!.reason);
    given?.addEventListener("abort", onAbort, { once: true });
    try {
      await previous?.ended.promise;
      await this.#runEngine(run, onDelivered);
    } finally {
      given?.removeEventListener("abort", onAbort);
      if (this.#run === run) this.#run = undefined;
      run.ended.resolve();
    }
  }

  async #runEngine(run: Run, onDelivered: () => void): Promise<void> {
    if (run.stopped) return;
    try {
      const engine = await startEngine(this.#choice);
      engine.keepAlive(this.#keepsAlive);
      // If the loop was stopped during the start, no check uses the engine.
      if (run.stopped) engine.stop(undefined);
      else this.#ready.resolve(Object.assign(run, { engine }));
      const failure = await engine.ended;
      if (failure === undefined) return;
      if (failure.delivered) onDelivered();
      throw failure.error;
    } catch (error) {
      if (run.engine === undefined && this.#waiting > 0) onDelivered();
      this.#onError(run, error);
      throw error;
    }
  }

  #onError(run: Run, error: unknown): void {
    if (run.stopped) return;
    this.#stop(run, error);
    if (run.engine !== undefined) this.#fail(error);
  }

  #stop(run: Run, reason: unknown): void {
    if (run.stopped) return;
    run.stopped = { reason };
    if (run.engine === undefined) return this.#fail(reason);
    this.#ready = readiness();
    run.engine.stop(reason);
    for (const checks of run.runs) checks.stop(reason);
  }

  #fail(reason: unknown): void {
    this.#failure = { reason };
    this.#ready.reject(reason);
  }
}

/** Makes a promise whose rejection needs no handler. */
function readiness(): PromiseWithResolvers<StartedLoop> {
  const ready = Promise.withResolvers<StartedLoop>();
  ready.promise.catch(() => {});
  return ready;
}
