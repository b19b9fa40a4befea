/** Signals that end the command. */

const NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;

type Name = keyof typeof NUMBERS;

/** Listens to SIGINT and SIGTERM until it is disposed of. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners = (Object.keys(NUMBERS) as Name[]).map((name) => [name, () => this.#onSignal(name)] as const);
  #name: Name | undefined;

  constructor() {
    for (const [name, listener] of this.#listeners) Deno.addSignalListener(name, listener);
  }

  /** Aborts when one of them comes. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Once one has come: what a shell shows for a command that died of it. */
  get exitStatus(): number | undefined {
    return this.#name && 128 + NUMBERS[this.#name];
  }

  /**
   * Waits for something, but no longer than until a signal comes.
   *
   * @param promise What to wait for.
   * @returns What it resolves to.
   * @throws The reason of {@linkcode Interruption.signal}, if that is first.
   */
  async unlessSignalled<T>(promise: Promise<T>): Promise<T> {
    const { signal } = this;
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      signal.throwIfAborted();
      return await Promise.race([promise, aborted]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  [Symbol.dispose](): void {
    for (const [name, listener] of this.#listeners) Deno.removeSignalListener(name, listener);
  }

  #onSignal(name: Name): void {
    this.#name ??= name;
    this.#controller.abort();
  }
}
