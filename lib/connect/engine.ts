/** Engine that checks by full connects (`Deno.connect()`), for systems and permissions without half-open checks. */

import type { Engine, Pending } from "../engine.ts";
import type { ResolvedOptions } from "../resolved_options.ts";
import { Check } from "./check.ts";
import { Semaphore } from "./semaphore.ts";

/**
 * Concurrent probes, at most. A probe has one socket, or a few at a name with silent addresses. Reading the limit on open
 * files (RLIMIT_NOFILE) would need a further permission. Deno raises the limit, so it is rarely below 1024. A lower limit
 * shows as EMFILE, and the semaphore then backs off.
 */
const MAX_PROBES = 512;

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
  readonly window = MAX_PROBES;
  readonly #resources = {
    sockets: new Semaphore(MAX_PROBES, PROBES_PER_TURN),
    lookups: new Semaphore(MAX_LOOKUPS),
  };
  /** The controllers that cancel the checks. */
  readonly #checks = new Map<Pending, AbortController>();
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
    const end = new AbortController();
    this.#checks.set(pending, end);
    const check = new Check(pending, options, end, (result, more) => {
      if (this.#checks.get(pending) !== end) return;
      if (!more) this.#checks.delete(pending);
      pending.settle(result, more);
    });
    check.run(this.#resources).catch((reason) => {
      if (this.#checks.get(pending) !== end) return;
      this.cancel(pending);
      pending.fail(this.#explain(reason));
    });
  }

  cancel(pending: Pending): void {
    this.#checks.get(pending)?.abort();
    this.#checks.delete(pending);
  }

  stop(reason: unknown): void {
    this.#failure ??= { reason };
    this.keepAlive(false);
    const checks = [...this.#checks];
    this.#checks.clear();
    for (const [, end] of checks) end.abort();
    for (const [pending] of checks) pending.fail(reason);
    this.#resources.sockets.drained().then(() => this.#ended.resolve(undefined));
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
