/** Engine that checks by full connects (`Deno.connect()`), for systems and permissions without half-open checks. */

import type { Engine, Pending } from "../engine.ts";
import type { ResolvedOptions } from "../resolved_options.ts";
import { runCheck } from "./check.ts";
import { Semaphore } from "./semaphore.ts";

/**
 * Concurrent sockets, at most. A check of several addresses waits until there may be one for each. Reading the limit on
 * open files (RLIMIT_NOFILE) would need a further permission. Deno raises the limit, so it is rarely below 1024. A lower
 * limit shows as EMFILE, and the semaphore then backs off.
 */
const MAX_SOCKETS = 512;

/**
 * Probes started in one turn of the event loop, at most. Deno polls up to 128 operations a turn, and not the oldest first:
 * a steady flow of new operations would starve old ones.
 */
const PROBES_PER_TURN = 32;

/** Concurrent lookups, at most. Each blocks one of the 32 threads of Deno's pool, which files need too. */
const MAX_LOOKUPS = 16;

/** Engine on Deno's event loop, without the native library. */
export class ConnectEngine implements Engine {
  readonly name = "connect";
  readonly window = MAX_SOCKETS;
  readonly #limits = {
    sockets: new Semaphore(MAX_SOCKETS, PROBES_PER_TURN),
    lookups: new Semaphore(MAX_LOOKUPS),
  };
  /** Pending checks, and the functions that cancel them. */
  readonly #checks = new Map<Pending, () => void>();
  /** Checks that may have sockets, cancelled ones too. */
  readonly #runs = new Set<Promise<void>>();
  readonly #ended = Promise.withResolvers<undefined>();
  /** Why this engine replaces the native one; `undefined` if the user asked for it. */
  readonly #cause: unknown;
  /** The reason that the engine was stopped with, once it is stopped. */
  #failure: { readonly reason: unknown } | undefined;
  #keepAliveTimer: ReturnType<typeof setInterval> | undefined;

  /**
   * Starts an engine.
   *
   * @param cause Why it replaces the native engine.
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
    // Sockets, lookups and timers of checks keep the process alive by themselves. This timer does it between checks.
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

  /** Adds to a permission error why a full connect, which needs the permission, replaces a half-open check. */
  #explain(reason: unknown): unknown {
    if (this.#cause === undefined || !(reason instanceof Deno.errors.NotCapable)) return reason;
    const cause = this.#cause instanceof Error ? this.#cause.message : String(this.#cause);
    const message =
      `Cannot check by a full connect: ${reason.message}\nIt takes the place of half-open checks: ${cause}`;
    return new Deno.errors.NotCapable(message, { cause: this.#cause });
  }
}
