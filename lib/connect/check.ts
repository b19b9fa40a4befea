/** A check: a name is looked up, addresses are probed, results are told. */

import type { Resolved, Subject } from "../engine.ts";
import type { ResolvedOptions } from "../options.ts";
import { SHOWN_QUEUE_TIME } from "../queue_time.ts";
import type { CheckResult, ProbedAddress } from "../result.ts";
import { type Address, canonical } from "../canonical.ts";
import { Clock, toNanoseconds } from "./clock.ts";
import { type Answer, lookUp } from "./lookup.ts";
import { type LookupSlots, zoneOf } from "./lookup_slots.ts";
import { type Outcome, Probe } from "./probe.ts";
import type { Slots } from "./slots.ts";

/** What there is for all checks, in whose queues a check waits for its turn. */
export interface Resources {
  readonly sockets: Slots;
  readonly lookups: LookupSlots;
}

/** Who is told, in a later turn. */
export interface Listener {
  /** Takes a result; `more` says that it isn't the last one. */
  settle(result: CheckResult | Resolved, more: boolean): void;
  /** Takes the reason why there will be no more. */
  fail(reason: unknown): void;
}

/** A check under way. */
export class Check {
  readonly #subject: Subject;
  readonly #options: ResolvedOptions;
  readonly #resources: Resources;
  readonly #listener: Listener;
  readonly #probes = new Set<Probe>();
  /** The time of the lookup. */
  readonly #clock: Clock;
  #over = false;
  /** When it was made. All the time since that its clocks did not run, it spent in our queues. */
  readonly #madeAt = performance.now();

  /**
   * Starts a check.
   *
   * @param subject What to check.
   * @param options How.
   * @param resources What it may use.
   * @param listener Who is told.
   */
  constructor(subject: Subject, options: ResolvedOptions, resources: Resources, listener: Listener) {
    this.#subject = subject;
    this.#options = options;
    this.#resources = resources;
    this.#listener = listener;
    this.#clock = new Clock(options.timeout, () => this.#timeOut());
    const { host, family } = subject.endpoint;
    if (host.includes(",")) this.#probe(host.split(",").map(canonical), 0);
    else if (family === 0) resources.lookups.request(zoneOf(host), this.#onTurn);
    else this.#checkAddress(canonical(host));
  }

  /** Ends it. Nobody is told. */
  cancel(): void {
    this.#endLookup();
    for (const probe of this.#probes) probe.cancel();
  }

  #checkAddress(address: Address): void {
    const { family } = this.#options;
    if (family === 0 || family === address.family) this.#probe([address], 0);
    else queueMicrotask(() => this.#tell({ status: "unresolved", code: "EAI_ADDRFAMILY" }, 0, 0));
  }

  readonly #onTurn = async (): Promise<void> => {
    this.#clock.start();
    try {
      this.#onAnswer(await lookUp(this.#subject.endpoint.host, this.#options.family));
    } catch (reason) {
      if (!this.#over) this.#listener.fail(reason);
    } finally {
      // Only now: nobody else can use the thread of a lookup that nobody waits for any more.
      this.#resources.lookups.release(zoneOf(this.#subject.endpoint.host));
    }
  };

  #onAnswer(answer: Answer): void {
    if (this.#over) return;
    this.#endLookup();
    const dnsTime = this.#clock.elapsed;
    if ("code" in answer) return this.#tell({ status: "unresolved", code: answer.code }, dnsTime, dnsTime);
    const { addresses } = answer;
    switch (this.#options.resolve) {
      case "lookup":
        return this.#tellAddresses(addresses, dnsTime);
      case "any":
        return this.#probe(addresses, dnsTime);
      case "first":
        return this.#probe(addresses.slice(0, 1), dnsTime);
      case "all":
        for (const address of addresses) this.#probe([address], dnsTime);
    }
  }

  #tellAddresses(addresses: Address[], elapsed: number): void {
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
    this.#tell({ status: "timeout", phase: "resolve", retransmits: 0 }, elapsed, elapsed);
  }

  #endLookup(): void {
    this.#over = true;
    this.#clock.stop();
    this.#resources.lookups.withdraw(this.#onTurn);
  }

  #probe(addresses: Address[], dnsTime: number): void {
    const { port } = this.#subject.endpoint;
    const probed = addresses.map(({ hostname, family }): ProbedAddress => ({ hostname, port, family }));
    const time = { timeout: this.#options.timeout, used: dnsTime };
    const probe = new Probe(probed, time, this.#resources.sockets, {
      found: (outcome, duration) => {
        this.#probes.delete(probe);
        this.#tell(outcome, dnsTime, duration);
      },
      failed: (reason) => this.#listener.fail(reason),
    });
    this.#probes.add(probe);
  }

  #tell(outcome: Outcome, dnsTime: number, duration: number): void {
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

  /** What to tell of the time in our queues, when its clocks have run for so long. */
  #queued(duration: number): { queueTime?: number } {
    const queueTime = performance.now() - this.#madeAt - duration;
    return queueTime < SHOWN_QUEUE_TIME ? {} : { queueTime: toNanoseconds(queueTime) };
  }
}
