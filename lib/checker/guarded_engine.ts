/**
 * Address-filtering engine: a wrapper that implements the `allow` option, after the lookup and before a SYN.
 *
 * A check of a name has two parts: a lookup, which sends no SYN, and a check of the allowed addresses in the remaining
 * time. There is no second lookup, so only addresses that `allow` has approved are probed.
 */

import type { Endpoint } from "../address.ts";
import { isAllowed } from "./allow.ts";
import { canonical } from "../canonical.ts";
import { type Engine, type EngineFailure, modeOf, type Pending, type Resolved, type Subject } from "../engine.ts";
import type { ResolvedOptions } from "../resolved_options.ts";
import { queueTimeLeft } from "../queue_time.ts";
import type { CheckResult, ProbedAddress } from "../result.ts";

/** Maximum number of addresses in a request, whose length field is 16 bits. No name has more. */
const MAX_ADDRESSES = 1024;

/** Wrapper that adds the `allow` option to an engine. */
export class GuardedEngine implements Engine {
  readonly name: Engine["name"];
  readonly window: number;
  readonly rate?: number;
  readonly #engine: Engine;
  readonly #guards = new Map<Pending, Guard>();

  /** Wraps an engine without `allow`. */
  constructor(engine: Engine) {
    this.name = engine.name;
    this.window = engine.window;
    if (engine.rate !== undefined) this.rate = engine.rate;
    this.#engine = engine;
  }

  get ended(): Promise<EngineFailure | undefined> {
    return this.#engine.ended;
  }

  keepAlive(enabled: boolean): void {
    this.#engine.keepAlive(enabled);
  }

  submit(pending: Pending, options: ResolvedOptions): void {
    const { allow } = options;
    if (allow === undefined) return this.#engine.submit(pending, options);
    const guard = new Guard(this.#engine, pending, options, allow, () => this.#guards.delete(pending));
    this.#guards.set(pending, guard);
    guard.start();
  }

  cancel(pending: Pending): void {
    const guard = this.#guards.get(pending);
    if (guard === undefined) this.#engine.cancel(pending);
    else guard.end();
  }

  stop(reason: unknown): void {
    const guards = [...this.#guards.values()];
    this.#engine.stop(reason);
    for (const guard of guards) guard.fail(reason);
  }
}

/** Times of a lookup in ms: of the lookup itself, and in the engine's queue. */
interface Times {
  readonly dnsTime: number;
  readonly queueTime: number;
}

/** State of one check with an `allow`. */
class Guard {
  readonly #engine: Engine;
  readonly #pending: Pending;
  readonly #options: ResolvedOptions;
  readonly #allow: NonNullable<ResolvedOptions["allow"]>;
  readonly #onEnd: () => void;
  /** The pending lookup, or the pending checks of addresses. */
  readonly #parts = new Set<Part>();
  /** Addresses that the lookup has found so far. */
  readonly #found: ProbedAddress[] = [];
  #lookup: Times = { dnsTime: 0, queueTime: 0 };
  #isOver = false;

  constructor(
    engine: Engine,
    pending: Pending,
    options: ResolvedOptions,
    allow: NonNullable<ResolvedOptions["allow"]>,
    onEnd: () => void,
  ) {
    this.#engine = engine;
    this.#pending = pending;
    this.#options = options;
    this.#allow = allow;
    this.#onEnd = onEnd;
  }

  start(): void {
    const { endpoint } = this.#pending;
    if (endpoint.family === 0) {
      return this.#submit(endpoint, { ...this.#options, resolve: "lookup" }, this.#onLookup);
    }
    const address = { ...canonical(endpoint.host), port: endpoint.port };
    // The Engine interface settles checks in a later turn.
    queueMicrotask(() => this.#isOver || this.#decide([address]));
  }

  /** Cancels all parts. The check is not settled. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd();
    for (const part of this.#parts) this.#engine.cancel(part);
    this.#parts.clear();
  }

  fail(reason: unknown): void {
    if (this.#isOver) return;
    this.end();
    this.#pending.fail(reason);
  }

  readonly #onLookup = (result: CheckResult | Resolved, more: boolean): void => {
    if (result.status !== "resolved") return this.#settle(result);
    this.#found.push(result.address);
    this.#lookup = { dnsTime: result.dnsTime, queueTime: result.queueTime ?? 0 };
    if (!more) this.#decide(this.#found);
  };

  #decide(found: ProbedAddress[]): void {
    const { resolve } = this.#options;
    const [allowed, denied]: ProbedAddress[][] = [[], []];
    try {
      for (const address of resolve === "first" ? found.slice(0, 1) : found) {
        (isAllowed(this.#allow, address) ? allowed : denied).push(address);
      }
    } catch (error) {
      return this.fail(error);
    }
    const groups = resolve === "all" ? allowed.map((address) => [address]) : allowed.length > 0 ? [allowed] : [];
    for (const group of groups) this.#probe(group);
    const reported = resolve === "all" ? denied : allowed.length > 0 ? [] : denied.slice(0, 1);
    reported.forEach((address, i) => this.#settle(this.#denied(address), i < reported.length - 1));
  }

  #probe(addresses: ProbedAddress[]): void {
    const { host, port } = this.#pending.endpoint;
    const [{ hostname, family }] = addresses;
    const endpoint: Endpoint = addresses.length === 1
      ? { host: hostname, port, family }
      : { host, port, family: 0, addresses: addresses.slice(0, MAX_ADDRESSES) };
    const timeout = Math.max(this.#options.timeout - this.#lookup.dnsTime, Number.MIN_VALUE);
    const queueTimeout = queueTimeLeft(this.#options, this.#lookup.queueTime);
    this.#submit(endpoint, { ...this.#options, timeout, queueTimeout, resolve: "any" }, (result, more) => {
      if (result.status === "resolved") return;
      this.#settle(withLookup(result, this.#lookup), more);
    });
  }

  #submit(endpoint: Endpoint, options: ResolvedOptions, settle: Part["settle"]): void {
    const part = new Part(this.#pending, endpoint, (result, more) => {
      if (this.#isOver) return;
      if (!more) this.#parts.delete(part);
      settle(result, more);
    }, (reason) => this.fail(reason));
    this.#parts.add(part);
    this.#engine.submit(part, options);
  }

  #settle(result: CheckResult, more = false): void {
    const isLast = !more && this.#parts.size === 0;
    if (isLast) this.end();
    this.#pending.settle(result, !isLast);
  }

  #denied(address: ProbedAddress): CheckResult {
    return withLookup({
      status: "denied",
      target: this.#pending.target,
      address,
      mode: modeOf(this.#engine, this.#options),
      engine: this.#engine.name,
      dnsTime: 0,
      duration: 0,
    }, this.#lookup);
  }
}

/** Adds the times of the lookup to a result. */
function withLookup(result: CheckResult, { dnsTime, queueTime }: Times): CheckResult {
  if (dnsTime === 0) return result;
  const duration = result.duration + dnsTime;
  const queued = queueTime + (result.queueTime ?? 0);
  return { ...result, dnsTime, duration, ...queued > 0 && { queueTime: queued } };
}

/** Part of a guarded check: a lookup, or a check of addresses. */
class Part implements Pending {
  id = 0;
  readonly target: Subject["target"];
  readonly details: boolean;
  readonly endpoint: Endpoint;
  readonly settle: (result: CheckResult | Resolved, more: boolean) => void;
  readonly fail: (reason: unknown) => void;

  constructor({ target, details }: Subject, endpoint: Endpoint, settle: Part["settle"], fail: Part["fail"]) {
    this.target = target;
    this.details = details;
    this.endpoint = endpoint;
    this.settle = settle;
    this.fail = fail;
  }
}
