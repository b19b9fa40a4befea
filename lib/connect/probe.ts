/** Probe of the addresses of one result, staggered as in Happy Eyeballs (RFC 8305), until one is up or all have failed. */

import type { CheckResult, ProbedAddress } from "../result.ts";
import { Clock, toNanoseconds } from "./clock.ts";
import { connect, type ConnectOutcome } from "./connection.ts";
import type { Semaphore } from "./semaphore.ts";

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Outcome of a probe: a result without the fields that all results share. */
export type Outcome = DistributiveOmit<
  CheckResult,
  "target" | "mode" | "engine" | "dnsTime" | "duration" | "queueTime"
>;

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

/** Callbacks of a probe. One of them is called once, after the last connection attempt has ended. */
export interface Prober {
  /** Takes the outcome and its duration in ms. */
  found(outcome: Outcome, duration: number): void;
  /** Takes the reason why there is no outcome. */
  failed(reason: unknown): void;
}

/**
 * Rank of failures: of a host with several addresses, none of them up, the highest rank is reported. An address that
 * could not be probed may be up, so its local error has the highest rank, unless this host can never probe it
 * ({@linkcode NOT_FOR_THIS_HOST}).
 */
const WEIGHT = { "local-error": 4, "refused": 3, "timeout": 2, "unreachable": 1 } as const;

/** Errors of an address without its zone, or of a family that this host lacks. The native engines rank them alike. */
const NOT_FOR_THIS_HOST = ["EAFNOSUPPORT", "EADDRNOTAVAIL", "EINVAL"];

/** Error of a zone that no interface has. `ENODEV` is 19 on every system. */
const NO_SUCH_INTERFACE = { code: "ENODEV", errno: 19 } as const;

/** Bounds of the delay between two attempts, in ms, and its default, the upper one (RFC 8305, 5 and 8). */
const ATTEMPT_DELAY_MS = { min: 10, max: 250 } as const;

type Failure = Extract<Outcome, { status: keyof typeof WEIGHT }>;

/** A probe in progress. */
export class Probe {
  readonly #prober: Prober;
  readonly #sockets: Semaphore;
  readonly #clock: Clock;
  /** Stopwatch of the waits for a socket while no attempt is in flight. */
  readonly #wait: Clock;
  /** Addresses without an attempt so far. */
  readonly #addresses: ProbedAddress[];
  /** Addresses with an attempt in flight, oldest first. */
  readonly #trying = new Set<ProbedAddress>();
  readonly #end = new AbortController();
  /** The failure of the highest rank so far. */
  #failure: Failure | undefined;
  /** Whether the next address waits for a socket. */
  #queued = false;
  /** The planned start of the next attempt, on the stopwatch; `undefined` if it follows no alarm. */
  #plannedAt: number | undefined;
  /** Calls the prober; set once the probe is concluded. */
  #report: (() => void) | undefined;

  /**
   * Starts a probe.
   *
   * @param addresses The addresses to try in this order, one or more.
   * @param times The limits of the probe's time and of its waits.
   * @param sockets The semaphore that bounds open sockets.
   * @param prober Takes the outcome.
   */
  constructor(
    addresses: ProbedAddress[],
    { timeout, used, queueTimeout, waited }: ProbeTimes,
    sockets: Semaphore,
    prober: Prober,
  ) {
    this.#addresses = addresses;
    this.#clock = new Clock(timeout, () => this.#timeOut(), used);
    this.#wait = new Clock(queueTimeout, () => this.#endWait(), waited);
    this.#sockets = sockets;
    this.#prober = prober;
    this.#tryNext();
  }

  /** Cancels the probe. The prober is not called. */
  cancel(): void {
    this.#conclude(() => {});
  }

  /** Queues for a socket for the next address. The stopwatch stands still while no attempt is in flight. */
  #tryNext(): void {
    if (!this.#queued) {
      this.#queued = true;
      this.#sockets.request(this.#onSocket);
    }
    if (this.#queued && this.#trying.size === 0) {
      this.#clock.stop();
      this.#wait.start();
      this.#plannedAt = undefined;
    }
  }

  readonly #onSocket = async (): Promise<void> => {
    this.#queued = false;
    this.#wait.stop();
    const startedAt = this.#plannedAt ?? this.#clock.elapsed;
    this.#plannedAt = undefined;
    const address = this.#addresses.shift()!;
    this.#trying.add(address);
    this.#clock.start();
    const connecting = connect(address, this.#end.signal);
    // Neither the lateness of an attempt counts nor the duration of this call: in a busy process they would push the last
    // address past the deadline.
    this.#clock.setBack(startedAt);
    this.#planNext();
    const outcome = await connecting;
    const rtt = toNanoseconds(this.#clock.elapsed - startedAt);
    this.#trying.delete(address);
    const shouldRetry = this.#releaseSocket(outcome);
    if (this.#report === undefined) {
      if (shouldRetry) this.#retry(address);
      else this.#onOutcome(address, outcome, rtt);
    }
    if (this.#trying.size === 0) this.#report?.();
  };

  /** Plans the next attempt. They share the time left equally, so that the last answer has as long as the others. */
  #planNext(): void {
    const { elapsed, left } = this.#clock;
    const others = this.#addresses.length;
    const { min, max } = ATTEMPT_DELAY_MS;
    const delay = Math.min(Math.max(left / (others + 1), min), max);
    const next = others > 0 ? elapsed + delay : Infinity;
    this.#clock.setAlarm(next, () => {
      this.#plannedAt = next;
      this.#tryNext();
    });
  }

  /** Releases the socket's permit. Returns whether to retry the same address. */
  #releaseSocket({ status }: ConnectOutcome): boolean {
    if (status === "no-descriptor") return this.#sockets.releaseAndBackOff();
    this.#sockets.release();
    return status === "gave-up";
  }

  #retry(address: ProbedAddress): void {
    this.#addresses.unshift(address);
    this.#tryNext();
  }

  #onOutcome(address: ProbedAddress, outcome: ConnectOutcome, rtt: number): void {
    switch (outcome.status) {
      case "up":
        return this.#find({ status: "up", rtt, address, retransmits: 0 });
      case "unknown-zone":
        return this.#find({ status: "local-error", ...NO_SUCH_INTERFACE });
      case "failed":
        return this.#conclude(() => this.#prober.failed(outcome.reason));
      case "refused":
      case "unreachable":
        return this.#onFailure({ status: outcome.status, ...outcome.error, address });
      default:
        return this.#onFailure({ status: "local-error", ...outcome.error, address });
    }
  }

  #onFailure(failure: Failure): void {
    this.#failure = this.#worthier(failure);
    if (this.#addresses.length > 0) this.#tryNext();
    else if (this.#trying.size === 0) this.#find(this.#failure);
  }

  #timeOut(): void {
    // Never empty here: the stopwatch runs only while an attempt is in flight.
    const [address] = this.#trying;
    this.#find(this.#worthier({ status: "timeout", phase: "connect", address, retransmits: 0 }));
  }

  /** Ends a wait for a socket. The failure of another address does not count, because the one that waits may be up. */
  #endWait(): void {
    this.#find({ status: "timeout", phase: "queue", retransmits: 0 });
    // No attempt is in flight whose end would call it.
    this.#report?.();
  }

  #worthier(failure: Failure): Failure {
    const best = this.#failure;
    return best !== undefined && weight(best) >= weight(failure) ? best : failure;
  }

  #find(outcome: Outcome): void {
    this.#conclude(() => this.#prober.found(outcome, this.#clock.elapsed));
  }

  /** Cancels the attempts in flight. The last one to end calls `report`. */
  #conclude(report: () => void): void {
    this.#report = report;
    this.#clock.stop();
    this.#wait.stop();
    this.#sockets.withdraw(this.#onSocket);
    this.#end.abort();
  }
}

function weight(failure: Failure): number {
  if (failure.status === "local-error" && NOT_FOR_THIS_HOST.includes(failure.code)) return 0;
  return WEIGHT[failure.status];
}
