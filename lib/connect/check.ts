/** Check of the connect engine: lookup, connection attempts, results. */

import { type Address, canonical } from "../canonical.ts";
import type { Resolved, Subject } from "../engine.ts";
import { QUEUE_TIMEOUT, SHOWN_QUEUE_TIME } from "../queue_time.ts";
import type { ResolvedOptions } from "../resolved_options.ts";
import type { CheckResult, ProbedAddress } from "../result.ts";
import { byDeadline, toNanoseconds } from "./deadline.ts";
import { lookUp, zoneOf } from "./lookup.ts";
import { type Outcome, race } from "./race.ts";
import type { Semaphore } from "./semaphore.ts";

/** Check and its limits. */
export interface Check {
  readonly subject: Subject;
  readonly options: ResolvedOptions;
  /** Limits the sockets of all checks. */
  readonly sockets: Semaphore;
  /** Limits the lookups of all checks. Its zones are parent domains, because a domain's name servers may be silent. */
  readonly lookups: Semaphore;
  /** Rejects to cancel the check. */
  readonly cancelled: Promise<never>;
}

/** Addresses of a target, or the outcome if there is none, and the time of the lookup in ms. */
interface FoundAddresses {
  readonly addresses: readonly Address[];
  readonly outcome?: Outcome;
  readonly dnsTime?: number;
}

/**
 * Runs a check.
 *
 * @param settle Receives the results, in a later microtask. `more` is false for the last one.
 * @throws {Deno.errors.NotCapable} If Deno was run without `--allow-net` for the target.
 * @throws The rejection of `cancelled`.
 */
export async function runCheck(
  check: Check,
  settle: (result: CheckResult | Resolved, more: boolean) => void,
): Promise<void> {
  const { subject: { target, endpoint: { port } }, options: { timeout, queueTimeout, resolve }, sockets } = check;
  const createdAt = performance.now();
  const { addresses, outcome, dnsTime = 0 } = await find(check);
  // Our queues took all time except that of the lookup and of the last race.
  const queueTime = (used: number) => performance.now() - createdAt - used;

  const report = (outcome: Outcome, more: boolean, duration = dnsTime) => {
    const queued = queueTime(duration);
    settle({
      target,
      ...outcome,
      mode: "full",
      engine: "connect",
      dnsTime: toNanoseconds(dnsTime),
      duration: toNanoseconds(duration),
      ...queued < SHOWN_QUEUE_TIME ? {} : { queueTime: toNanoseconds(queued) },
    }, more);
  };

  /** Probes the addresses of one result. Without a free descriptor it starts over, if other checks will release some. */
  const probe = async (addresses: readonly ProbedAddress[]): Promise<[outcome: Outcome, duration?: number]> => {
    for (;;) {
      // Each address may need a socket.
      const count = Math.min(addresses.length, sockets.max);
      const permits = { cancelled: check.cancelled, timeout: queueTimeout - queueTime(dnsTime), count };
      // A failure of another address is not reported, because the waiting address may be up.
      if (!await sockets.acquire(permits)) return [QUEUE_TIMEOUT];
      try {
        const limits = { start: dnsTime, timeout, sockets: count };
        const { outcome, at, isStarved } = await race(addresses, limits, check.cancelled);
        if (!isStarved || !sockets.backOff(permits)) return [outcome, at];
      } finally {
        sockets.release(permits);
      }
    }
  };

  if (outcome !== undefined) return report(outcome, false);
  const probed = addresses.map(({ hostname, family }): ProbedAddress => ({ hostname, port, family }));
  if (resolve === "lookup") {
    return probed.forEach((address, i) => report({ status: "resolved", address }, i < probed.length - 1));
  }
  const groups = resolve === "all" ? probed.map((address) => [address]) : [probed];
  let pending = groups.length;
  await Promise.all(groups.map(async (group) => {
    const [outcome, duration] = await probe(group);
    report(outcome, --pending > 0, duration);
  }));
}

async function find(check: Check): Promise<FoundAddresses> {
  const { host, family, addresses } = check.subject.endpoint;
  if (addresses !== undefined) return { addresses };
  if (family === 0) return await findName(check, host);
  const address = canonical(host);
  if ([0, address.family].includes(check.options.family)) return { addresses: [address] };
  return { addresses: [], outcome: { status: "unresolved", code: "EAI_ADDRFAMILY" } };
}

async function findName({ options, lookups, cancelled }: Check, name: string): Promise<FoundAddresses> {
  const permit = { cancelled, timeout: options.queueTimeout, count: 1, zone: zoneOf(name) };
  if (!await lookups.acquire(permit)) return { addresses: [], outcome: QUEUE_TIMEOUT };
  const startedAt = performance.now();
  // getaddrinfo() can't be cancelled, so a cancelled lookup occupies its thread, and its permit, until it returns.
  const lookup = lookUp(name, options.family).finally(() => lookups.release(permit));
  const found = await byDeadline(options.timeout, [lookup, cancelled]) ?? TIMEOUT;
  const dnsTime = performance.now() - startedAt;
  if (!("addresses" in found)) return { addresses: [], outcome: found, dnsTime };
  return { addresses: options.resolve === "first" ? found.addresses.slice(0, 1) : found.addresses, dnsTime };
}

const TIMEOUT = { status: "timeout", phase: "resolve", retransmits: 0 } as const;
