/** The engine that checks by full connects: for where half-open checks can't be had. */

import type { Engine, Pending } from "../engine.ts";
import type { ResolvedOptions } from "../options.ts";
import { Check } from "./check.ts";
import { LookupSlots } from "./lookup_slots.ts";
import { Slots } from "./slots.ts";

/**
 * Sockets at once. Without more permissions than we want nobody tells us the limit on open files, but it is hardly ever
 * below 1024, once Deno has raised it; where it is, we learn of it when we hit it.
 */
const SOCKETS = 512;

/**
 * Sockets that are opened before the event loop has its turn. In a turn Deno looks at 128 of its operations at most, and
 * not at the oldest first: where many are under way and new ones keep coming, the first ones starve.
 */
const PACE = 32;

/** Lookups at once: each takes one of the 32 threads that Deno has for all that blocks, files too. */
const LOOKUPS = 16;

/** An engine that runs on Deno's event loop, with nothing native of ours. */
export class ConnectEngine implements Engine {
  readonly name = "connect";
  readonly window = SOCKETS;
  readonly #resources = { sockets: new Slots(SOCKETS, PACE), lookups: new LookupSlots(LOOKUPS) };
  readonly #checks = new Map<Pending, Check>();
  readonly #ended = Promise.withResolvers<undefined>();
  /** Why it is this engine, and not the one that was wanted. */
  readonly #cause: unknown;
  /** Why there will be no more results, once there won't. */
  #failure: { readonly reason: unknown } | undefined;
  #keepAlive: ReturnType<typeof setInterval> | undefined;

  /**
   * Starts an engine.
   *
   * @param cause Why it is this engine, and not the one that was wanted.
   */
  constructor(cause?: unknown) {
    this.#cause = cause;
    this.hold(true);
  }

  get ended(): Promise<undefined> {
    return this.#ended.promise;
  }

  hold(held: boolean): void {
    clearInterval(this.#keepAlive);
    // Whatever checks wait for keeps the process alive by itself; this timer is for when there are none.
    if (held && this.#failure === undefined) this.#keepAlive = setInterval(() => {}, 2 ** 31 - 1);
  }

  submit(pending: Pending, options: ResolvedOptions): void {
    if (this.#failure !== undefined) {
      // Whoever took the engine before it was stopped may have it still.
      const { reason } = this.#failure;
      queueMicrotask(() => pending.fail(reason));
      return;
    }
    const check = new Check(pending, options, this.#resources, {
      settle: (result, more) => {
        if (!more) this.#checks.delete(pending);
        pending.settle(result, more);
      },
      fail: (reason) => {
        this.cancel(pending);
        pending.fail(this.#explain(reason));
      },
    });
    this.#checks.set(pending, check);
  }

  cancel(pending: Pending): void {
    this.#checks.get(pending)?.cancel();
    this.#checks.delete(pending);
  }

  stop(reason: unknown): void {
    this.#failure ??= { reason };
    this.hold(false);
    const checks = [...this.#checks];
    this.#checks.clear();
    for (const [, check] of checks) check.cancel();
    for (const [pending] of checks) pending.fail(reason);
    this.#resources.sockets.drained().then(() => this.#ended.resolve(undefined));
  }

  /** Whoever wanted half-open checks should know why he is asked for a permission that they don't need. */
  #explain(reason: unknown): unknown {
    if (this.#cause === undefined || !(reason instanceof Deno.errors.NotCapable)) return reason;
    const cause = this.#cause instanceof Error ? this.#cause.message : String(this.#cause);
    const message =
      `Cannot check by a full connect: ${reason.message}\nIt takes the place of half-open checks: ${cause}`;
    return new Deno.errors.NotCapable(message, { cause: this.#cause });
  }
}
