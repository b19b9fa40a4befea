/** Supervised checker: restarts a checker that ends by itself, with exponential back-off. */

import {
  type CheckDefaults,
  Checker,
  type CheckerOptions,
  type Engine,
  type HostPort,
  type PreparedCheck,
} from "@tcp-shaker/tcp-shaker";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";

/** Interface of a prober, which makes a monitor's checks. */
export interface Prober extends AsyncDisposable {
  /** Prepares the checks of a target. A run fails if the check can't be made. */
  prepare(endpoint: HostPort, options: CheckDefaults): TargetCheck;
}

/** Repeated check of a target: the part of `PreparedCheck` that a monitor uses. */
export type TargetCheck = Pick<PreparedCheck, "start" | "cancel">;

/** First and longest pause before a restart, in ms. */
const BACK_OFF = { first: 1000, longest: 30_000 };

/**
 * Default prober of a monitor: makes checks with a {@linkcode Checker}, and restarts the checker when it ends by
 * itself.
 */
export class SupervisedChecker implements Prober {
  readonly #checker: Checker;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #pause = BACK_OFF.first;
  #cancelRestart = () => {};

  private constructor(checker: Checker, clock: Clock) {
    this.#checker = checker;
    this.#clock = clock;
  }

  /**
   * Starts the checker.
   *
   * @param options The checker's options.
   * @param clock The clock of the back-off.
   * @param checker The checker; tests pass their own.
   * @returns The prober, when its checker runs.
   * @throws {Error} The checker's error, if it can't be started.
   */
  static async start(
    options: CheckerOptions,
    clock: Clock = SYSTEM_CLOCK,
    checker: Checker = new Checker(options),
  ): Promise<SupervisedChecker> {
    const supervised = new SupervisedChecker(checker, clock);
    await supervised.#start();
    return supervised;
  }

  /** The engine that makes the checks; `undefined` while the checker does not run. */
  get engine(): Engine | undefined {
    return this.#checker.engine;
  }

  /**
   * Prepares the checks of a target. While the checker does not run, they fail with a `CheckerNotRunningError`, whose
   * cause is the checker's error.
   */
  prepare(endpoint: HostPort, options: CheckDefaults): PreparedCheck {
    return this.#checker.prepare(endpoint, options);
  }

  /** Stops the checker. Checks in flight reject. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancelRestart();
    this.#stop.abort();
    await this.#loop;
  }

  async #start(): Promise<void> {
    const loop = this.#checker.checkingLoop(this.#stop.signal);
    this.#loop = loop.catch(() => {});
    await this.#checker.waitReady();
    const startedAt = this.#clock.now();
    loop.catch(() => {
      // The back-off restarts only after a long run, so that a checker that soon ends again is not restarted in a loop.
      if (this.#clock.now() - startedAt >= BACK_OFF.longest) this.#pause = BACK_OFF.first;
      this.#restart();
    });
  }

  #restart(): void {
    if (this.#stop.signal.aborted) return;
    this.#cancelRestart = this.#clock.at(this.#clock.now() + this.#pause, () => {
      this.#pause = Math.min(2 * this.#pause, BACK_OFF.longest);
      this.#start().catch(() => this.#restart());
    });
  }
}
