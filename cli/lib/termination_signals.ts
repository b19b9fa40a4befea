/** Signals that end the command: SIGHUP, SIGINT and SIGTERM. */

import { stdoutFailure } from "./output.ts";
import { isTerminal } from "./streams.ts";

const NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

const HAS_TERMINAL = Object.values(isTerminal).includes(true);

type Name = keyof typeof NUMBERS;

/**
 * Listens to the termination signals until it is disposed of.
 *
 * SIGHUP means that the terminal was closed. A command without a terminal ignores it, for nohup: nohup sets SIGHUP to
 * be ignored, but Deno installs a handler that ends the process.
 */
export class TerminationSignals implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners = (Object.keys(NUMBERS) as Name[]).map((name) => [name, () => this.#onSignal(name)] as const);
  #received: Name | undefined;
  #listensToHangUp = true;
  /** Aborts with the first signal, or when stdout can't be written, because no further result could be printed. */
  readonly signal: AbortSignal = AbortSignal.any([this.#controller.signal, stdoutFailure]);

  constructor() {
    for (const [name, listener] of this.#listeners) Deno.addSignalListener(name, listener);
  }

  /** The reason why the run is incomplete; `undefined` before a signal. */
  get reason(): string | undefined {
    return this.#received && `ended by ${this.#received}`;
  }

  /** The exit status, 128 plus the signal's number as in shells; `undefined` before a signal. */
  get exitStatus(): number | undefined {
    return this.#received && 128 + NUMBERS[this.#received];
  }

  /** Stops ending the command on SIGHUP, for modes that reload on it. */
  releaseHangUp(): void {
    this.#listensToHangUp = false;
  }

  [Symbol.dispose](): void {
    for (const [name, listener] of this.#listeners) Deno.removeSignalListener(name, listener);
  }

  #onSignal(name: Name): void {
    if (name === "SIGHUP" && !(HAS_TERMINAL && this.#listensToHangUp)) return;
    this.#received ??= name;
    this.#controller.abort();
  }
}
