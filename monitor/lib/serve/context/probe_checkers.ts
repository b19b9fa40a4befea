/** Checkers of the endpoint /probe: one for each source address. */

import { Checker, type CheckerOptions } from "@tcp-shaker/tcp-shaker";

/** Starts checkers when they are needed first. */
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
   * @param source The address; the system's choice if it is absent.
   * @returns The checker, once it runs.
   */
  get(source?: string): Promise<Checker> {
    const known = this.#checkers.get(source);
    if (known !== undefined) return known;
    const started = Checker.start({ ...this.#options, ...source !== undefined && { source } });
    this.#checkers.set(source, started);
    // The next request tries again.
    started.catch(() => this.#checkers.delete(source));
    return started;
  }

  /** Ends all checkers. */
  async [Symbol.asyncDispose](): Promise<void> {
    const checkers = await Promise.allSettled(this.#checkers.values());
    for (const checker of checkers) if (checker.status === "fulfilled") await checker.value[Symbol.asyncDispose]();
  }
}
