/** Repeated checks of an address while the network changes. */

import type { Checker, CheckResult, CheckTarget } from "../../mod.ts";
import { countLate } from "./lateness.ts";
import { outcome } from "./outcome.ts";

const AT_ONCE = 50;

/** An address. */
export type WatchTarget = Exclude<CheckTarget, string>;

/** The counts of a watch. */
export interface Watched {
  checks: number;
  /** Counts of results by {@linkcode outcome}. */
  outcomes: Record<string, number>;
  /** Checks without a result, and results without a check. */
  unanswered: number;
  answeredAgain: number;
  /** Retransmitted SYNs. */
  retransmits: number;
  /** Checks whose ACK may have been sent because the RST was late. */
  late: number;
}

/** Checks an address continuously until it is ended. */
export class Watch {
  readonly #pending = new Set<CheckTarget>();
  readonly #watched: Watched = {
    checks: 0,
    outcomes: {},
    unanswered: 0,
    answeredAgain: 0,
    retransmits: 0,
    late: 0,
  };
  readonly #done: Promise<void>;
  #ending = false;
  #onResult: () => void = () => {};

  constructor(checker: Checker, address: WatchTarget, timeout: number) {
    this.#done = this.#run(checker.checkAll(this.#targets(address), { timeout, concurrency: AT_ONCE }));
    // `end()` rejects with the error.
    this.#done.catch(() => {});
  }

  /** Waits for a number of further results with an outcome. */
  async seen(outcome: string, times: number): Promise<void> {
    const { outcomes } = this.#watched;
    const enough = (outcomes[outcome] ?? 0) + times;
    const seen = new Promise<void>((resolve) => {
      this.#onResult = () => {
        if (outcomes[outcome] >= enough) resolve();
      };
    });
    await Promise.race([seen, this.#done]);
  }

  /** Ends the watch after all its checks are answered. */
  async end(): Promise<Watched> {
    this.#ending = true;
    await this.#done;
    return { ...this.#watched, unanswered: this.#pending.size };
  }

  *#targets(address: WatchTarget): Generator<CheckTarget> {
    while (!this.#ending) {
      // A unique object, which identifies the result.
      const target = { ...address };
      this.#pending.add(target);
      this.#watched.checks++;
      yield target;
    }
  }

  async #run(results: AsyncIterable<CheckResult>): Promise<void> {
    const { outcomes } = this.#watched;
    for await (const result of results) {
      if (!this.#pending.delete(result.target)) this.#watched.answeredAgain++;
      this.#watched.late += countLate([result]);
      if ("retransmits" in result) this.#watched.retransmits += result.retransmits;
      const seen = outcome(result);
      outcomes[seen] = (outcomes[seen] ?? 0) + 1;
      this.#onResult();
    }
  }
}
