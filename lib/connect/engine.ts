/** Connect engine: checks by full connects (`Deno.connect()`), where half-open checks are impossible. */

import type { Engine, Pending } from "../engine.ts";
import type { ResolvedOptions } from "../resolved_options.ts";
import { runCheck } from "./check.ts";
import { Semaphore } from "./semaphore.ts";

/**
 * Maximum number of concurrent sockets. Reading the limit on open files (RLIMIT_NOFILE) would need a further permission.
 * Deno raises that limit, so it is rarely below 1024. With a lower limit a connect fails with EMFILE, and the semaphore
 * backs off.
 */
const MAX_SOCKETS = 512;

/**
 * Maximum number of probes started per turn of the event loop. Deno polls up to 128 operations per turn, not the oldest
 * first, so a steady flow of new operations would starve old ones.
 */
const PROBES_PER_TURN = 32;

/** Maximum number of concurrent lookups. Each blocks one of the 32 threads of Deno's pool, which files need too. */
const MAX_LOOKUPS = 16;

/** Engine that runs on Deno's event loop. */
export class ConnectEngine implements Engine {
  readonly name = "connect";
  readonly window = MAX_SOCKETS;
  readonly #limits = {
    sockets: new Semaphore(MAX_SOCKETS, PROBES_PER_TURN),
    lookups: new Semaphore(MAX_LOOKUPS),
  };
  /** Pending checks, and the functions that cancel them. */
  readonly #checks = new Map<Pending, () => void>();
  /** Runs of checks that may have sockets, including cancelled checks. */
  readonly #runs = new Set<Promise<void>>();
  readonly #ended = Promise.withResolvers<undefined>();
  /** The error because of which this engine replaces the native one; `undefined` if the user chose this engine. */
  readonly #cause: unknown;
  /** The reason that the engine was stopped with, once it is stopped. */
  #failure: { readonly reason: unknown } | undefined;
  #keepAliveTimer: ReturnType<typeof setInterval> | undefined;

  /**
   * Starts an engine.
   *
   * @param cause The error because of which it replaces the native engine, if it does.
   */
  constructor(cause?: unknown) {
    this.#cause = cause;
    this.keepAlive(true);
  }

  get ended(): Promise<undefined> {
    return this.#ended.promise;
  }

  keepAlive(enabled: boolean): void {
    clearInterval(this.#keepAliveTimer);
    // Pending checks keep the process alive. Between checks this timer does.
    if (enabled && this.#failure === undefined) this.#keepAliveTimer = setInterval(() => {}, 2 ** 31 - 1);
  }

  submit(pending: Pending, options: ResolvedOptions): void {
    if (this.#failure !== undefined) {
      // A caller may hold a reference that it took before the stop.
      const { reason } = this.#failure;
      queueMicrotask(() => pending.fail(reason));
      return;
    }
    const { promise: cancelled, reject: cancel } = Promise.withResolvers<never>();
    cancelled.catch(() => {});
    this.#checks.set(pending, cancel);
    const isPending = () => this.#checks.get(pending) === cancel;
    const run = runCheck({ subject: pending, options, cancelled, ...this.#limits }, (result, more) => {
      if (!isPending()) return;
      if (!more) this.#checks.delete(pending);
      pending.settle(result, more);
    }).catch((reason) => {
      if (!isPending()) return;
      this.cancel(pending);
      pending.fail(this.#explain(reason));
    }).finally(() => this.#runs.delete(run));
    this.#runs.add(run);
  }

  cancel(pending: Pending): void {
    this.#checks.get(pending)?.();
    this.#checks.delete(pending);
  }

  stop(reason: unknown): void {
    this.#failure ??= { reason };
    this.keepAlive(false);
    const checks = [...this.#checks];
    this.#checks.clear();
    for (const [, cancel] of checks) cancel();
    for (const [pending] of checks) pending.fail(reason);
    Promise.all(this.#runs).then(() => this.#ended.resolve(undefined));
  }

  /** Adds the reason of the full connect, which needs the permission, to a permission error. */
  #explain(reason: unknown): unknown {
    if (this.#cause === undefined || !(reason instanceof Deno.errors.NotCapable)) return reason;
    const cause = this.#cause instanceof Error ? this.#cause.message : String(this.#cause);
    const message = `Cannot check by a full connect: ${reason.message}\nHalf-open checks are not possible: ${cause}`;
    return new Deno.errors.NotCapable(message, { cause: this.#cause });
  }
}
