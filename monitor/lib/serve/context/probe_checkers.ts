/** Checkers of the endpoint /probe, one per source address. */

import { Checker, type CheckerOptions } from "@tcp-shaker/tcp-shaker";

/** Starts checkers on demand. */
export class ProbeCheckers implements AsyncDisposable {
  readonly #options: CheckerOptions;
  readonly #checkers = new Map<string | undefined, Promise<Checker>>();

  /** @param options Options of all checkers. */
  constructor(options: CheckerOptions) {
    this.#options = options;
  }

  /**
   * Returns the checker for a source address.
   *
   * @param source The address; by default the system's choice.
   * @returns The running checker.
   */
  get(source?: string): Promise<Checker> {
    const known = this.#checkers.get(source);
    if (known !== undefined) return known;
    const started = Checker.start({ ...this.#options, ...source !== undefined && { source } });
    this.#checkers.set(source, started);
    // Removed, so that the next request retries.
    started.catch(() => this.#checkers.delete(source));
    return started;
  }

  /** Ends all checkers. */
  async [Symbol.asyncDispose](): Promise<void> {
    const checkers = await Promise.allSettled(this.#checkers.values());
    for (const checker of checkers) if (checker.status === "fulfilled") await checker.value[Symbol.asyncDispose]();
  }
}
