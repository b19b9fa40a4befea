/** Supervised checker: restarts a checker that ends by itself, with exponential back-off. */

import {
  Checker,
  CheckerNotRunningError,
  type CheckerOptions,
  type CheckOptions,
  type CheckResult,
  type Engine,
  type HostPort,
} from "@tcp-shaker/tcp-shaker";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";

/** Interface of what makes a monitor's checks. */
export interface Prober extends AsyncDisposable {
  /** Makes a check. It rejects if it can't be made, and with the signal's reason. */
  check(endpoint: HostPort, options: CheckOptions): Promise<CheckResult>;
}

/** The first pause before a new start, and the longest, in ms. */
const BACK_OFF = { first: 1000, longest: 30_000 };

/**
 * Prober that a monitor has by default: checks by a {@linkcode Checker}, which is started again when it ends by itself.
 * A prober that wraps it sees each result.
 */
export class SupervisedChecker implements Prober {
  readonly #create: () => Checker;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  #checker: Checker | undefined;
  #loop: Promise<void> = Promise.resolve();
  /** Why there is no checker. */
  #failure: unknown;
  #pause = BACK_OFF.first;
  #cancelRestart = () => {};

  private constructor(create: () => Checker, clock: Clock) {
    this.#create = create;
    this.#clock = clock;
  }

  /**
   * Starts the first checker.
   *
   * @param options Those of the checkers.
   * @param clock The clock of the back-off.
   * @param create Makes a checker; tests pass their own.
   * @returns The prober, once its first checker runs.
   * @throws {Error} If it can't be started, with the checker's error.
   */
  static async start(
    options: CheckerOptions,
    clock: Clock = SYSTEM_CLOCK,
    create: () => Checker = () => new Checker(options),
  ): Promise<SupervisedChecker> {
    const supervised = new SupervisedChecker(create, clock);
    await supervised.#start();
    return supervised;
  }

  /** The engine that makes the checks; `undefined` while there is no checker. */
  get engine(): Engine | undefined {
    return this.#checker?.engine;
  }

  /** Makes a check; rejects with {@linkcode CheckerNotRunningError} while there is no checker, and its cause says why. */
  check(endpoint: HostPort, options: CheckOptions): Promise<CheckResult> {
    // Not an async function: that would cost as much as the judgement of the result.
    if (this.#checker === undefined) return Promise.reject(new CheckerNotRunningError({ cause: this.#failure }));
    return this.#checker.checkAddr(endpoint, options);
  }

  /** Stops it: checks under way reject. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancelRestart();
    this.#stop.abort();
    await this.#loop;
  }

  async #start(): Promise<void> {
    const checker = this.#create();
    const loop = checker.checkingLoop(this.#stop.signal);
    this.#loop = loop.catch(() => {});
    await checker.waitReady();
    this.#checker = checker;
    const startedAt = this.#clock.now();
    loop.catch((error) => {
      // One that starts, but soon ends again, is no better than one that doesn't start.
      if (this.#clock.now() - startedAt >= BACK_OFF.longest) this.#pause = BACK_OFF.first;
      this.#restart(error);
    });
  }

  #restart(failure: unknown): void {
    this.#checker = undefined;
    this.#failure = failure;
    if (this.#stop.signal.aborted) return;
    this.#cancelRestart = this.#clock.at(this.#clock.now() + this.#pause, () => {
      this.#pause = Math.min(2 * this.#pause, BACK_OFF.longest);
      this.#start().catch((error) => this.#restart(error));
    });
  }
}
