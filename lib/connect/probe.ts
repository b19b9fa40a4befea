/** Probe of the addresses of one result, staggered as in Happy Eyeballs (RFC 8305), until one is up or all have failed. */

import type { Resolved } from "../engine.ts";
import { QUEUE_TIMEOUT } from "../queue_time.ts";
import type { CheckResult, ProbedAddress } from "../result.ts";
import { connect, type ConnectOutcome, type Failed } from "./connection.ts";
import { byDeadline, toNanoseconds, within } from "./deadline.ts";
import type { Semaphore } from "./semaphore.ts";

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Outcome of a probe: a result without the fields that all results share. */
export type Outcome = DistributiveOmit<
  CheckResult | Resolved,
  "target" | "mode" | "engine" | "dnsTime" | "duration" | "queueTime"
>;

/**
 * Rank of failures: of a host with several addresses, none of them up, the highest rank is reported. An address that
 * could not be probed may be up, so its local error has the highest rank, unless this host can never probe it
 * ({@linkcode NOT_FOR_THIS_HOST}).
 */
const WEIGHT = { "local-error": 4, "refused": 3, "timeout": 2, "unreachable": 1 } as const;

/** Errors of an address without its zone, or of a family that this host lacks. The native engines rank them alike. */
const NOT_FOR_THIS_HOST = ["EAFNOSUPPORT", "EADDRNOTAVAIL", "EINVAL"];

/** Bounds of the delay between two attempts, in ms, and its default, the upper one (RFC 8305, 5 and 8). */
const ATTEMPT_DELAY_MS = { min: 10, max: 250 } as const;

/** A probe that goes on once there is a descriptor. */
type Starved = Failed<"no-descriptor"> & { readonly address: ProbedAddress };

type Failure = Extract<Outcome, { status: keyof typeof WEIGHT }>;

/** A connection attempt that has ended. */
interface Attempt {
  readonly address: ProbedAddress;
  /** When it began, in ms of the probe's time. */
  readonly startedAt: number;
  readonly outcome: ConnectOutcome;
}

/** Times of a probe in ms. */
export interface ProbeTimes {
  /** The time allowed. */
  readonly timeout: number;
  /** How much of it was used before, for the lookup. */
  readonly used: number;
  /** The longest wait in queues; `Infinity` without a limit. */
  readonly queueTimeout: number;
  /** How much of it was used before. */
  readonly waited: number;
}

/** A probe. Its time stands still while it waits for a permit, which it holds while attempts are in flight. */
export class Probe {
  /** Addresses without an attempt so far, in the order of attempts. */
  readonly #addresses: ProbedAddress[];
  /** Attempts in flight, oldest first. */
  readonly #attempts = new Map<ProbedAddress, Promise<Attempt>>();
  readonly #end: AbortController;
  readonly #timeout: number;
  #used: number;
  /** How much longer the probe may wait for a permit, in ms. */
  #waitLeft: number;
  /** The failure of the highest rank so far. */
  #failure: Failure | undefined;

  /**
   * Makes a probe.
   *
   * @param addresses The addresses to try in this order, one or more.
   * @param times The limits of the probe's time and of its waits.
   * @param end Cancels the probe: `run()` rejects, or stays pending if it waits for a permit. The probe aborts it once it
   * has an outcome while attempts are in flight.
   */
  constructor(addresses: readonly ProbedAddress[], times: ProbeTimes, end: AbortController) {
    this.#addresses = [...addresses];
    this.#end = end;
    this.#timeout = times.timeout;
    this.#used = times.used;
    this.#waitLeft = times.queueTimeout - times.waited;
  }

  /** The time used, in ms. */
  get used(): number {
    return this.#used;
  }

  /**
   * Tries the addresses. No attempt is in flight when it returns.
   *
   * @param sockets The semaphore that bounds the probes with open sockets.
   * @returns The outcome.
   * @throws {Deno.errors.NotCapable} If Deno was run without `--allow-net` for an address.
   */
  async run(sockets: Semaphore): Promise<Outcome> {
    for (;;) {
      const startedAt = performance.now();
      // The failure of another address does not count, because the one that waits may be up.
      if (!await sockets.acquire(this.#end.signal, this.#waitLeft)) return QUEUE_TIMEOUT;
      this.#waitLeft -= performance.now() - startedAt;
      try {
        const outcome = await this.#tryAddresses();
        if (outcome.status !== "no-descriptor") return outcome;
        if (!sockets.backOff()) return { ...outcome, status: "local-error" };
      } finally {
        sockets.release();
      }
    }
  }

  /** Returns `"no-descriptor"` if the next address found none and no attempt is in flight: the probe may go on later. */
  async #tryAddresses(): Promise<Outcome | Starved> {
    try {
      let isStarved = false;
      for (;;) {
        // Without a descriptor, the next attempt waits until one ends, or for its turn.
        if (!isStarved) this.#startNext();
        isStarved = false;
        const ended = await this.#waitForAttempt();
        if (ended === undefined) {
          if (this.#used < this.#timeout) continue;
          const [address] = this.#attempts.keys();
          return this.#worthier({ status: "timeout", phase: "connect", address, retransmits: 0 });
        }
        const { address, outcome, startedAt } = ended;
        this.#attempts.delete(address);
        switch (outcome.status) {
          case "up":
            return { status: "up", rtt: toNanoseconds(this.#used - startedAt), address, retransmits: 0 };
          case "gave-up":
            this.#addresses.unshift(address);
            break;
          case "no-descriptor":
            this.#addresses.unshift(address);
            if (this.#attempts.size === 0) return { ...outcome, address };
            isStarved = true;
            break;
          case "unknown-zone":
            return { ...outcome, status: "local-error" };
          default:
            this.#failure = this.#worthier({ ...outcome, address });
            if (this.#addresses.length + this.#attempts.size === 0) return this.#failure;
        }
      }
    } finally {
      if (this.#attempts.size > 0) {
        this.#end.abort();
        await Promise.allSettled(this.#attempts.values());
      }
    }
  }

  #startNext(): void {
    const address = this.#addresses.shift();
    if (address === undefined) return;
    const startedAt = this.#used;
    const attempt = connect(address, this.#end.signal).then((outcome) => ({ address, startedAt, outcome }));
    this.#attempts.set(address, attempt);
  }

  /**
   * Waits until an attempt ends, or until the next is due: attempts share the time left equally, so that the last answer
   * has as long as the others. The lateness of an attempt does not count, because in a busy process it would push the last
   * address past the deadline.
   *
   * @returns The attempt; `undefined` if none ended.
   */
  async #waitForAttempt(): Promise<Attempt | undefined> {
    const left = this.#timeout - this.#used;
    const others = this.#addresses.length;
    const { min, max } = ATTEMPT_DELAY_MS;
    const delay = others > 0 ? Math.min(Math.max(left / (others + 1), min), max) : Infinity;
    const startedAt = performance.now();
    const attempts = [...this.#attempts.values()];
    const ended = delay < left ? await within(delay, attempts) : await byDeadline(left, attempts);
    const elapsed = performance.now() - startedAt;
    this.#used += delay < left ? Math.min(elapsed, delay) : elapsed;
    return ended;
  }

  #worthier(failure: Failure): Failure {
    const best = this.#failure;
    return best !== undefined && weight(best) >= weight(failure) ? best : failure;
  }
}

function weight(failure: Failure): number {
  if (failure.status === "local-error" && NOT_FOR_THIS_HOST.includes(failure.code)) return 0;
  return WEIGHT[failure.status];
}
