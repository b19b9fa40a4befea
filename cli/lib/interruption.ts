/** Signals that end the command. */

import { broken } from "./output.ts";
import { isTerminal } from "./terminal/capable.ts";
import { unlessAborted } from "./unless_aborted.ts";

const NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

const HAS_TERMINAL = Object.values(isTerminal).includes(true);

type Name = keyof typeof NUMBERS;

/**
 * Listens to SIGHUP, SIGINT and SIGTERM until it is disposed of.
 *
 * SIGHUP means that a terminal was closed. It is ignored by a command that has no terminal, because that is what nohup
 * starts. nohup itself sets SIGHUP to be ignored, but Deno replaces that by a handler of its own, which ends the process.
 */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners = (Object.keys(NUMBERS) as Name[]).map((name) => [name, () => this.#onSignal(name)] as const);
  #name: Name | undefined;
  /** Aborts when one of them comes, or stdout breaks: whatever there is to check, nobody would hear of it. */
  readonly signal: AbortSignal = AbortSignal.any([this.#controller.signal, broken]);

  constructor() {
    for (const [name, listener] of this.#listeners) Deno.addSignalListener(name, listener);
  }

  /** Once one has come: what the report of a run that is not complete says of it. */
  get reason(): string | undefined {
    return this.#name && `ended by ${this.#name}`;
  }

  /** Once one has come: what a shell shows for a command that died of it. */
  get exitStatus(): number | undefined {
    return this.#name && 128 + NUMBERS[this.#name];
  }

  /**
   * Waits for something, but no longer than until {@linkcode Interruption.signal} aborts.
   *
   * @param promise What to wait for.
   * @returns What it resolves to.
   * @throws The reason of the signal, if that is first.
   */
  async unlessSignalled<T>(promise: Promise<T>): Promise<T> {
    return await unlessAborted(promise, this.signal);
  }

  [Symbol.dispose](): void {
    for (const [name, listener] of this.#listeners) Deno.removeSignalListener(name, listener);
  }

  #onSignal(name: Name): void {
    if (name === "SIGHUP" && !HAS_TERMINAL) return;
    this.#name ??= name;
    this.#controller.abort();
  }
}
