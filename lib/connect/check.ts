/** State machine of one check of the connect engine: lookup, probes, results. */

import type { Resolved, Subject } from "../engine.ts";
import type { ResolvedOptions } from "../resolved_options.ts";
import { SHOWN_QUEUE_TIME } from "../queue_time.ts";
import type { CheckResult, ProbedAddress } from "../result.ts";
import { type Address, canonical } from "../canonical.ts";
import { Clock, toNanoseconds } from "./clock.ts";
import { lookUp, type LookupResult, zoneOf } from "./lookup.ts";
import { type Outcome, Probe } from "./probe.ts";
import type { Semaphore } from "./semaphore.ts";

/** Semaphores that all checks of an engine share. A check waits in their FIFO queues. */
export interface Resources {
  readonly sockets: Semaphore;
  /** Its zones are the names' parent domains, whose name servers may be silent. */
  readonly lookups: Semaphore;
}

/** Callbacks of a check. They run in a later turn of the event loop than the check's constructor. */
export interface Listener {
  /** Takes a result. `more` is true unless the result is the last one. */
  settle(result: CheckResult | Resolved, more: boolean): void;
  /** Takes the reason why no further result follows. */
  fail(reason: unknown): void;
}

/** A check under way. */
export class Check {
  readonly #subject: Subject;
  readonly #options: ResolvedOptions;
  readonly #resources: Resources;
  readonly #listener: Listener;
  readonly #probes = new Set<Probe>();
  /** Stopwatch of the lookup. */
  readonly #clock: Clock;
  /** Stopwatch of the wait for a lookup's permit. */
  readonly #wait: Clock;
  #over = false;
  /** When the check was made. All time since, less the time that its stopwatches ran, was spent in our queues. */
  readonly #madeAt = performance.now();

  /**
   * Starts a check.
   *
   * @param subject What to check.
   * @param options How.
   * @param resources The semaphores to acquire from.
   * @param listener Takes the results.
   */
  constructor(subject: Subject, options: ResolvedOptions, resources: Resources, listener: Listener) {
    this.#subject = subject;
    this.#options = options;
    this.#resources = resources;
    this.#listener = listener;
    this.#clock = new Clock(options.timeout, () => this.#timeOut());
    this.#wait = new Clock(options.queueTimeout, () => this.#endWait());
    const { host, family, addresses } = subject.endpoint;
    if (addresses !== undefined) this.#probe(addresses, 0);
    else if (family === 0) this.#requestLookup();
    else this.#checkAddress(canonical(host));
  }

  /** Cancels the check. The listener is not called. */
  cancel(): void {
    this.#endLookup();
    for (const probe of this.#probes) probe.cancel();
  }

  #checkAddress(address: Address): void {
    const { family } = this.#options;
    if (family === 0 || family === address.family) this.#probe([address], 0);
    else queueMicrotask(() => this.#report({ status: "unresolved", code: "EAI_ADDRFAMILY" }, 0, 0));
  }

  #requestLookup(): void {
    this.#wait.start();
    this.#resources.lookups.request(this.#onPermit, zoneOf(this.#subject.endpoint.host));
  }

  readonly #onPermit = async (): Promise<void> => {
    this.#wait.stop();
    this.#clock.start();
    try {
      this.#onLookup(await lookUp(this.#subject.endpoint.host, this.#options.family));
    } catch (reason) {
      if (!this.#over) this.#listener.fail(reason);
    } finally {
      // Released only now: getaddrinfo() can't be cancelled, so a cancelled lookup keeps its thread until it returns.
      this.#resources.lookups.release(zoneOf(this.#subject.endpoint.host));
    }
  };

  #onLookup(result: LookupResult): void {
    if (this.#over) return;
    this.#endLookup();
    const dnsTime = this.#clock.elapsed;
    if ("code" in result) return this.#report({ status: "unresolved", code: result.code }, dnsTime, dnsTime);
    const { addresses } = result;
    switch (this.#options.resolve) {
      case "lookup":
        return this.#reportAddresses(addresses, dnsTime);
      case "any":
        return this.#probe(addresses, dnsTime);
      case "first":
        return this.#probe(addresses.slice(0, 1), dnsTime);
      case "all":
        for (const address of addresses) this.#probe([address], dnsTime);
    }
  }

  #reportAddresses(addresses: Address[], elapsed: number): void {
    const { target, endpoint: { port } } = this.#subject;
    const dnsTime = toNanoseconds(elapsed);
    const base = {
      target,
      mode: "full",
      engine: "connect",
      dnsTime,
      duration: dnsTime,
      ...this.#queued(elapsed),
    } as const;
    addresses.forEach((address, i) =>
      this.#listener.settle({ status: "resolved", ...base, address: { ...address, port } }, i < addresses.length - 1)
    );
  }

  #timeOut(): void {
    this.#endLookup();
    const { elapsed } = this.#clock;
    this.#report({ status: "timeout", phase: "resolve", retransmits: 0 }, elapsed, elapsed);
  }

  #endWait(): void {
    this.#endLookup();
    this.#report({ status: "timeout", phase: "queue", retransmits: 0 }, 0, 0);
  }

  #endLookup(): void {
    this.#over = true;
    this.#clock.stop();
    this.#wait.stop();
    this.#resources.lookups.withdraw(this.#onPermit);
  }

  #probe(addresses: readonly Address[], dnsTime: number): void {
    const { port } = this.#subject.endpoint;
    const probed = addresses.map(({ hostname, family }): ProbedAddress => ({ hostname, port, family }));
    const { timeout, queueTimeout } = this.#options;
    const times = { timeout, used: dnsTime, queueTimeout, waited: this.#wait.elapsed };
    const probe = new Probe(probed, times, this.#resources.sockets, {
      found: (outcome, duration) => {
        this.#probes.delete(probe);
        this.#report(outcome, dnsTime, duration);
      },
      failed: (reason) => this.#listener.fail(reason),
    });
    this.#probes.add(probe);
  }

  #report(outcome: Outcome, dnsTime: number, duration: number): void {
    const { target } = this.#subject;
    this.#listener.settle(
      {
        target,
        ...outcome,
        mode: "full",
        engine: "connect",
        dnsTime: toNanoseconds(dnsTime),
        duration: toNanoseconds(duration),
        ...this.#queued(duration),
      },
      this.#probes.size > 0,
    );
  }

  /** The result's `queueTime`, given how long the stopwatches have run. */
  #queued(duration: number): { queueTime?: number } {
    const queueTime = performance.now() - this.#madeAt - duration;
    return queueTime < SHOWN_QUEUE_TIME ? {} : { queueTime: toNanoseconds(queueTime) };
  }
}
