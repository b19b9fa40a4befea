/** One check of the connect engine: lookup, probes, results. */

import type { Resolved, Subject } from "../engine.ts";
import type { ResolvedOptions } from "../resolved_options.ts";
import { QUEUE_TIMEOUT, SHOWN_QUEUE_TIME } from "../queue_time.ts";
import type { CheckResult, ProbedAddress } from "../result.ts";
import { type Address, canonical } from "../canonical.ts";
import { aborted, byDeadline, toNanoseconds } from "./deadline.ts";
import { lookUp, type LookupResult, zoneOf } from "./lookup.ts";
import { type Outcome, Probe } from "./probe.ts";
import type { Semaphore } from "./semaphore.ts";

/** Semaphores that all checks of an engine share. A check waits in their FIFO queues. */
export interface Resources {
  readonly sockets: Semaphore;
  /** Its zones are the names' parent domains, whose name servers may be silent. */
  readonly lookups: Semaphore;
}

/** Takes a result. `more` is true unless the result is the last one. */
export type Settle = (result: CheckResult | Resolved, more: boolean) => void;

/** A check. Its results come in a later turn of the event loop, even if it is cancelled meanwhile. */
export class Check {
  readonly #subject: Subject;
  readonly #options: ResolvedOptions;
  readonly #end: AbortController;
  readonly #settle: Settle;
  /** When the check was made. All time since that the lookup and the probe have not used was spent in our queues. */
  readonly #madeAt = performance.now();

  /**
   * Makes a check.
   *
   * @param subject What to check.
   * @param options How.
   * @param end Cancels the check.
   * @param settle Takes the results.
   */
  constructor(subject: Subject, options: ResolvedOptions, end: AbortController, settle: Settle) {
    this.#subject = subject;
    this.#options = options;
    this.#end = end;
    this.#settle = settle;
  }

  /**
   * Checks. The caller ignores the results and the rejection of a cancelled check.
   *
   * @param resources The semaphores to acquire from.
   * @throws {Deno.errors.NotCapable} If Deno was run without `--allow-net` for the target.
   */
  async run({ sockets, lookups }: Resources): Promise<void> {
    const { host, family, addresses } = this.#subject.endpoint;
    if (addresses !== undefined) return await this.#probe([addresses], sockets);
    if (family === 0) return await this.#checkName(host, lookups, sockets);
    const address = canonical(host);
    if ([0, address.family].includes(this.#options.family)) return await this.#probe([[address]], sockets);
    await Promise.resolve();
    this.#report({ status: "unresolved", code: "EAI_ADDRFAMILY" }, 0, 0);
  }

  async #checkName(name: string, lookups: Semaphore, sockets: Semaphore): Promise<void> {
    const { family, timeout, queueTimeout, resolve } = this.#options;
    const zone = zoneOf(name);
    if (!await lookups.acquire(this.#end.signal, queueTimeout, zone)) return this.#report(QUEUE_TIMEOUT, 0, 0);
    const startedAt = performance.now();
    // Released only then: getaddrinfo() can't be cancelled, so a cancelled lookup keeps its thread until it returns.
    const lookup = lookUp(name, family).finally(() => lookups.release(zone));
    const found = await byDeadline<LookupResult | "aborted">(timeout, [lookup, aborted(this.#end.signal)]);
    const dnsTime = performance.now() - startedAt;
    const times = { dnsTime, waited: startedAt - this.#madeAt };
    if (found === "aborted") return;
    if (found === undefined) {
      return this.#report({ status: "timeout", phase: "resolve", retransmits: 0 }, dnsTime, dnsTime);
    }
    if ("code" in found) return this.#report({ status: "unresolved", code: found.code }, dnsTime, dnsTime);
    const { addresses } = found;
    switch (resolve) {
      case "lookup":
        return this.#reportAddresses(addresses, dnsTime);
      case "any":
        return await this.#probe([addresses], sockets, times);
      case "first":
        return await this.#probe([addresses.slice(0, 1)], sockets, times);
      case "all":
        return await this.#probe(addresses.map((address) => [address]), sockets, times);
    }
  }

  /** Probes groups of addresses side by side, and reports a result for each group. */
  async #probe(
    groups: readonly (readonly Address[])[],
    sockets: Semaphore,
    { dnsTime, waited } = { dnsTime: 0, waited: 0 },
  ): Promise<void> {
    const { port } = this.#subject.endpoint;
    const { timeout, queueTimeout } = this.#options;
    let pending = groups.length;
    await Promise.all(groups.map(async (group) => {
      const addresses = group.map(({ hostname, family }): ProbedAddress => ({ hostname, port, family }));
      const end = groups.length === 1 ? this.#end : linked(this.#end.signal);
      const probe = new Probe(addresses, { timeout, used: dnsTime, queueTimeout, waited }, end);
      const outcome = await probe.run(sockets);
      this.#report(outcome, dnsTime, probe.used, --pending > 0);
    }));
  }

  #reportAddresses(addresses: readonly Address[], dnsTime: number): void {
    const { port } = this.#subject.endpoint;
    addresses.forEach((address, i) =>
      this.#report({ status: "resolved", address: { ...address, port } }, dnsTime, dnsTime, i < addresses.length - 1)
    );
  }

  #report(outcome: Outcome, dnsTime: number, duration: number, more = false): void {
    const queueTime = performance.now() - this.#madeAt - duration;
    this.#settle({
      target: this.#subject.target,
      ...outcome,
      mode: "full",
      engine: "connect",
      dnsTime: toNanoseconds(dnsTime),
      duration: toNanoseconds(duration),
      ...queueTime < SHOWN_QUEUE_TIME ? {} : { queueTime: toNanoseconds(queueTime) },
    }, more);
  }
}

/** Makes a controller that aborts with the signal. */
function linked(signal: AbortSignal): AbortController {
  const controller = new AbortController();
  signal.addEventListener("abort", () => controller.abort(), { once: true });
  return controller;
}
