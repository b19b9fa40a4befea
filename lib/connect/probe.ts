/** A probe: the addresses that one result is about, tried until one is up or none is left. */

import type { CheckResult, ProbedAddress } from "../result.ts";
import { Clock } from "./clock.ts";
import { type Answer, connect } from "./connection.ts";
import type { Slots } from "./slots.ts";
import { attemptDelay } from "./stagger.ts";

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** What was found out: a result, but for what all results have. */
export type Outcome = DistributiveOmit<
  CheckResult,
  "target" | "mode" | "engine" | "dnsTime" | "duration" | "queueTime"
>;

/** The time that a probe has, in ms. */
export interface Time {
  readonly timeout: number;
  /** What was used before it started. */
  readonly used: number;
}

/** Who is told, once: when nothing of the probe is left. */
export interface Prober {
  /** Takes the outcome, and the time that it took in ms. */
  found(outcome: Outcome, duration: number): void;
  /** Takes the reason why there is none. */
  failed(reason: unknown): void;
}

/** How much a failure tells of a host with several addresses of which none is up: the higher, the more. */
const WEIGHT = { "refused": 4, "timeout": 3, "unreachable": 2, "local-error": 1 } as const;

/** Of a zone that no interface has: `ENODEV` is the same number everywhere. */
const NO_SUCH_INTERFACE = { code: "ENODEV", errno: 19 } as const;

type Failure = Extract<Outcome, { status: keyof typeof WEIGHT }>;

/** A probe under way. */
export class Probe {
  readonly #prober: Prober;
  readonly #sockets: Slots;
  readonly #clock: Clock;
  /** Those that are still to be tried. */
  readonly #addresses: ProbedAddress[];
  /** Those that are being tried, oldest first. */
  readonly #trying = new Set<ProbedAddress>();
  readonly #end = new AbortController();
  /** The failure that tells most, so far. */
  #failure: Failure | undefined;
  /** Whether the next address waits for a socket. */
  #queued = false;
  #nextAttempt: ReturnType<typeof setTimeout> | undefined;
  /** Tells the prober. */
  #tell: (() => void) | undefined;

  /**
   * Starts a probe.
   *
   * @param addresses What to try, in this order: one or more.
   * @param time How much time there is.
   * @param sockets Gives leave to open sockets.
   * @param prober Who is told.
   */
  constructor(addresses: ProbedAddress[], { timeout, used }: Time, sockets: Slots, prober: Prober) {
    this.#addresses = addresses;
    this.#clock = new Clock(timeout, () => this.#timeOut(), used);
    this.#sockets = sockets;
    this.#prober = prober;
    this.#tryNext();
  }

  /** Ends it. Nobody is told. */
  cancel(): void {
    this.#conclude(() => {});
  }

  /** Tries the next address as soon as it may have a socket. */
  #tryNext(): void {
    clearTimeout(this.#nextAttempt);
    if (!this.#queued) {
      this.#queued = true;
      this.#sockets.request(this.#onSocket);
    }
    if (this.#queued && this.#trying.size === 0) this.#clock.stop();
  }

  readonly #onSocket = async (): Promise<void> => {
    this.#queued = false;
    this.#clock.start();
    const address = this.#addresses.shift()!;
    this.#trying.add(address);
    const others = this.#addresses.length;
    if (others > 0) this.#nextAttempt = setTimeout(() => this.#tryNext(), attemptDelay(this.#clock.left, others));
    const answer = await connect(address, this.#end.signal);
    this.#trying.delete(address);
    const again = this.#giveBack(answer);
    if (this.#tell === undefined) {
      if (again) this.#tryAgain(address);
      else this.#onAnswer(address, answer);
    }
    if (this.#trying.size === 0) this.#tell?.();
  };

  /** Gives the socket back. Tells whether it makes sense to ask for another one, for the same address. */
  #giveBack({ status }: Answer): boolean {
    if (status === "no-descriptor") return this.#sockets.surrender();
    this.#sockets.release();
    return status === "gave-up";
  }

  #tryAgain(address: ProbedAddress): void {
    this.#addresses.unshift(address);
    this.#tryNext();
  }

  #onAnswer(address: ProbedAddress, answer: Answer): void {
    switch (answer.status) {
      case "up":
        return this.#find({ ...answer, address, retransmits: 0 });
      case "unknown-zone":
        return this.#find({ status: "local-error", ...NO_SUCH_INTERFACE });
      case "failed":
        return this.#conclude(() => this.#prober.failed(answer.reason));
      case "refused":
      case "unreachable":
        return this.#onFailure({ status: answer.status, ...answer.error, address });
      default:
        return this.#onFailure({ status: "local-error", ...answer.error, address });
    }
  }

  #onFailure(failure: Failure): void {
    this.#failure = this.#worthier(failure);
    if (this.#addresses.length > 0) this.#tryNext();
    else if (this.#trying.size === 0) this.#find(this.#failure);
  }

  #timeOut(): void {
    // Time passes only while there are some.
    const [address] = this.#trying;
    this.#find(this.#worthier({ status: "timeout", phase: "connect", address, retransmits: 0 }));
  }

  #worthier(failure: Failure): Failure {
    const best = this.#failure;
    return best !== undefined && WEIGHT[best.status] >= WEIGHT[failure.status] ? best : failure;
  }

  #find(outcome: Outcome): void {
    this.#conclude(() => this.#prober.found(outcome, this.#clock.elapsed));
  }

  /** Ends all that is under way; the last of it tells. */
  #conclude(tell: () => void): void {
    this.#tell = tell;
    this.#clock.stop();
    clearTimeout(this.#nextAttempt);
    this.#sockets.withdraw(this.#onSocket);
    this.#end.abort();
  }
}
