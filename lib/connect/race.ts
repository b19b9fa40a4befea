/** Race of connection attempts, staggered as in Happy Eyeballs (RFC 8305). */

import type { Resolved } from "../engine.ts";
import type { CheckResult, ProbedAddress } from "../result.ts";
import { connect, type ConnectOutcome } from "./connection.ts";
import { byDeadline, toNanoseconds, within } from "./deadline.ts";

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Outcome of a check: a result without the fields that all results share. */
export type Outcome = DistributiveOmit<
  CheckResult | Resolved,
  "target" | "mode" | "engine" | "dnsTime" | "duration" | "queueTime"
>;

/** Outcome of a race. */
export interface RaceResult {
  readonly outcome: Outcome;
  /** When the race ended, in ms of the check's time. */
  readonly at: number;
  /** Whether an attempt failed for lack of a file descriptor, so that a later race may have another outcome. */
  readonly isStarved?: boolean;
}

/**
 * Rank of failures: if none of a name's addresses is up, the failure with the highest rank is reported. A local error has
 * the highest rank, because the address may be up, unless this host can never probe it ({@linkcode NOT_FOR_THIS_HOST}).
 */
const RANK = { "local-error": 4, "refused": 3, "timeout": 2, "unreachable": 1 } as const;

/** Errors of an address without its zone, or of a family that this host lacks. The native engines use the same rank. */
const NOT_FOR_THIS_HOST = ["EAFNOSUPPORT", "EADDRNOTAVAIL", "EINVAL"];

/** Bounds of the delay between two attempts, in ms; the upper one is the default (RFC 8305, 5 and 8). */
const ATTEMPT_DELAY_MS = { min: 10, max: 250 } as const;

type Failure = Extract<Outcome, { status: keyof typeof RANK }>;

/** Connection attempt that has ended. */
interface Attempt {
  readonly address: ProbedAddress;
  /** When the attempt began, in ms of the check's time. */
  readonly startedAt: number;
  readonly outcome: ConnectOutcome;
}

/**
 * Connects to addresses until one is up, all have failed, or no file descriptor is free. No attempt is in flight when the
 * promise resolves.
 *
 * Attempts share the remaining time equally, so that the last answer has as much time as the others. A late start of an
 * attempt does not count, because in a busy process it would delay the last address past the deadline.
 *
 * @param addresses The addresses in the order of the attempts, one or more.
 * @param limits The start and the deadline in ms of the check's time; the maximum number of attempts in flight.
 * @param cancelled Rejects to cancel the race.
 * @throws {Deno.errors.NotCapable} If Deno was run without `--allow-net` for an address.
 */
export async function race(
  addresses: readonly ProbedAddress[],
  { start, timeout, sockets }: { start: number; timeout: number; sockets: number },
  cancelled: Promise<never>,
): Promise<RaceResult> {
  const untried = [...addresses];
  /** Attempts in flight, oldest first. */
  const attempts = new Map<ProbedAddress, Promise<Attempt>>();
  const end = new AbortController();
  let at = start;
  let failure: Failure | undefined;
  try {
    for (;;) {
      const next = attempts.size < sockets ? untried.shift() : undefined;
      if (next !== undefined) attempts.set(next, attempt(next, at, end.signal));

      const left = timeout - at;
      const delay = untried.length > 0 ? attemptDelay(left, untried.length) : Infinity;
      const [isLast, waitedFrom] = [delay >= left, performance.now()];
      const events = [...attempts.values(), cancelled];
      const ended = isLast ? await byDeadline(left, events) : await within(delay, events);
      const waited = performance.now() - waitedFrom;
      at += isLast ? waited : Math.min(waited, delay);

      if (ended === undefined) {
        if (at < timeout) continue;
        const [address] = attempts.keys();
        return { outcome: higherRanked(failure, { status: "timeout", phase: "connect", address, retransmits: 0 }), at };
      }
      const { address, startedAt, outcome } = ended;
      attempts.delete(address);
      switch (outcome.status) {
        case "up":
          return { outcome: { status: "up", rtt: toNanoseconds(at - startedAt), address, retransmits: 0 }, at };
        case "gave-up":
          untried.unshift(address);
          break;
        case "no-descriptor":
          return { outcome: { ...outcome, status: "local-error", address }, at, isStarved: true };
        case "unknown-zone":
          return { outcome: { ...outcome, status: "local-error" }, at };
        default:
          failure = higherRanked(failure, { ...outcome, status: outcome.status, address });
          if (untried.length + attempts.size === 0) return { outcome: failure, at };
      }
    }
  } finally {
    if (attempts.size > 0) {
      end.abort();
      await Promise.allSettled(attempts.values());
    }
  }
}

async function attempt(address: ProbedAddress, startedAt: number, signal: AbortSignal): Promise<Attempt> {
  return { address, startedAt, outcome: await connect(address, signal) };
}

function attemptDelay(left: number, others: number): number {
  const { min, max } = ATTEMPT_DELAY_MS;
  return Math.min(Math.max(left / (others + 1), min), max);
}

function higherRanked(best: Failure | undefined, failure: Failure): Failure {
  return best !== undefined && rank(best) >= rank(failure) ? best : failure;
}

function rank(failure: Failure): number {
  if (failure.status === "local-error" && NOT_FOR_THIS_HOST.includes(failure.code)) return 0;
  return RANK[failure.status];
}
