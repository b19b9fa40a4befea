/** Lease: a key of a bucket that one process at a time holds and renews. */

import { JetStreamApiError, type JetStreamClient, type JetStreamManager } from "@nats-io/jetstream";
import { type Clock, SYSTEM_CLOCK } from "@tcp-shaker/monitor";
import { RENEWALS } from "../protocol/limits.ts";
import { bucketStream, keySubject } from "../protocol/subjects.ts";
import { pause } from "./pause.ts";

/** The server's error code for a failed compare-and-set: the expected revision is not the last one. */
const WRONG_LAST_SEQUENCE = 10071;

/** Options of {@linkcode Lease.take}. */
export interface LeaseOptions {
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  /** The bucket and the key. */
  readonly bucket: string;
  readonly key: string;
  /** Duration of the lease without a renewal, in ms. */
  readonly duration: number;
  /** Creates the value of a renewal. */
  readonly value: () => Uint8Array;
  /** Creates the value that releases the lease. */
  readonly released: () => Uint8Array;
  /**
   * Returns the duration of the lease in a value, in ms; 0 if its owner has released it, or is this process or an
   * earlier one that has ended.
   */
  readonly durationOf: (value: Uint8Array) => number;
  /**
   * Called before the wait for the lease's expiry, and again at the first renewal during the wait. Without a renewal
   * the owner may have ended without a release.
   */
  readonly onWait?: (isRenewed: boolean) => void;
  readonly clock?: Clock;
}

/**
 * Lease. Each renewal is a compare-and-set on the previous revision, so a paused process can't renew a lease that
 * another process has acquired. The holder counts the duration from before it sends a renewal, readers count from when
 * the server stored it, so the lease never expires for readers first.
 */
export class Lease {
  readonly #options: LeaseOptions;
  readonly #clock: Clock;
  #revision: number;
  #heldUntil: number;

  private constructor(options: LeaseOptions, revision: number, heldUntil: number) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#revision = revision;
    this.#heldUntil = heldUntil;
  }

  /**
   * Acquires a lease. Waits while another process renews it. The lease has expired when its revision has not changed
   * for its duration.
   *
   * @param options The key and the value.
   * @param signal Ends the wait.
   * @returns The lease.
   * @throws {Error} If the server does not answer, or rejects the request.
   */
  static async take(options: LeaseOptions, signal: AbortSignal): Promise<Lease> {
    const { clock = SYSTEM_CLOCK, duration } = options;
    let seen = -1;
    let since = 0;
    let isRenewed = false;
    while (true) {
      signal.throwIfAborted();
      const last = await readLast(options);
      const lasts = last.data.length === 0 ? 0 : options.durationOf(last.data);
      if (last.seq !== seen) {
        if (lasts > 0 && !isRenewed) {
          isRenewed = seen >= 0;
          options.onWait?.(isRenewed);
        }
        [seen, since] = [last.seq, clock.now()];
      }
      const remaining = lasts === 0 ? 0 : since + lasts - clock.now();
      if (remaining <= 0) {
        const heldUntil = clock.now() + duration;
        const revision = await publish(options, last.seq, options.value()).catch(unlessConflict);
        if (revision !== undefined) return new Lease(options, revision, heldUntil);
      } else await pause(Math.min(remaining, lasts / RENEWALS, duration / RENEWALS), signal, clock);
    }
  }

  /** Whether the lease is certainly held for all readers. `false` after too long a pause of the process. */
  get isHeld(): boolean {
    return this.#clock.now() < this.#heldUntil;
  }

  /** The revision of the last renewal. */
  get revision(): number {
    return this.#revision;
  }

  /** When the lease expires without a renewal, on the monotonic clock. */
  get heldUntil(): number {
    return this.#heldUntil;
  }

  /**
   * Renews the lease once.
   *
   * @throws {Error} If the lease has expired, another process holds it, or the server does not answer.
   */
  async renew(): Promise<void> {
    if (!this.isHeld) throw new Error(`The lease of ${this.#options.key} has expired`);
    const heldUntil = this.#clock.now() + this.#options.duration;
    const revision = await publish(this.#options, this.#revision, this.#options.value()).catch(unlessConflict);
    this.#revision = revision ?? await this.#ownRevision();
    this.#heldUntil = heldUntil;
  }

  /**
   * Renews the lease periodically, until the signal aborts.
   *
   * @param signal The signal.
   * @throws {Error} When the lease has expired, or another process holds it.
   */
  async keep(signal: AbortSignal): Promise<void> {
    while (true) {
      await pause(this.#options.duration / RENEWALS, signal, this.#clock);
      if (signal.aborted) return;
      try {
        await this.renew();
      } catch (error) {
        if (!this.isHeld) throw error;
      }
    }
  }

  /** Releases the lease, so that others need not wait for its expiry. Does nothing if the lease has expired. */
  async release(): Promise<void> {
    if (!this.isHeld) return;
    this.#heldUntil = -Infinity;
    await publish(this.#options, this.#revision, this.#options.released());
  }

  /** Finds the revision of a renewal whose acknowledgment was lost. */
  async #ownRevision(): Promise<number> {
    const { seq, data } = await readLast(this.#options);
    if (data.length > 0 && this.#options.durationOf(data) === 0) return seq;
    this.#heldUntil = -Infinity;
    throw new Error(`Another process has acquired the lease of ${this.#options.key}`);
  }
}

/**
 * Returns the message about a wait for the lease of a name.
 *
 * @param kind The kind of the owner.
 * @param name The name.
 * @param isRenewed Whether the lease was renewed during the wait.
 * @returns The message.
 */
export function waitMessage(kind: "agent" | "hub", name: string, isRenewed: boolean): string {
  if (!isRenewed) return `Waiting until the earlier lease of ${name} expires`;
  return `Another ${kind} has the name ${name}: give each ${kind} its own name; waiting until its lease expires`;
}

async function readLast({ manager, bucket, key }: LeaseOptions): Promise<{ seq: number; data: Uint8Array }> {
  const last = await manager.direct.getMessage(bucketStream(bucket), { last_by_subj: keySubject(bucket, key) });
  return last ?? { seq: 0, data: new Uint8Array() };
}

async function publish(options: LeaseOptions, last: number, value: Uint8Array): Promise<number> {
  const { jetstream, bucket, key, duration } = options;
  const { seq } = await jetstream.publish(keySubject(bucket, key), value, {
    expect: { lastSubjectSequence: last },
    // An answer after the next renewal is useless.
    timeout: duration / RENEWALS,
  });
  return seq;
}

function unlessConflict(error: unknown): undefined {
  if (!(error instanceof JetStreamApiError && error.code === WRONG_LAST_SEQUENCE)) throw error;
}
