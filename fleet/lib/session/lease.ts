/** Lease: a key that one process at a time renews. */

import { JetStreamApiError, type JetStreamClient, type JetStreamManager } from "@nats-io/jetstream";
import { type Clock, SYSTEM_CLOCK } from "@tcp-shaker/monitor";
import { RENEWALS } from "../protocol/limits.ts";
import { bucketStream, keySubject } from "../protocol/subjects.ts";
import { pause } from "./pause.ts";

/** The server's code for an expected revision that is not the last one. */
const WRONG_LAST_SEQUENCE = 10071;

/** What a lease needs. */
export interface LeaseOptions {
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  /** The bucket and the key that are held. */
  readonly bucket: string;
  readonly key: string;
  /** How long the lease lasts without a renewal, in ms. */
  readonly duration: number;
  /** Makes the value that the key gets at each renewal. */
  readonly value: () => Uint8Array;
  /** The value that gives the lease up. */
  readonly left: () => Uint8Array;
  /**
   * Reads a value: how long its owner has the lease, in ms; 0 if it gave the lease up, or is this process, or one before
   * it that has ended.
   */
  readonly durationOf: (value: Uint8Array) => number;
  /** Called when another process has the lease, before waiting for its end. */
  readonly onTaken?: () => void;
  readonly clock?: Clock;
}

/**
 * A lease. Each renewal names the revision of the one before (compare and set), so a process that was paused can't renew
 * what another one has taken meanwhile. The lease counts as held from the moment before a renewal was sent: never longer
 * than for readers, for whom it begins when the server has stored it.
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
   * Takes a lease. While another process renews it, this waits: the lease is free when its revision has stayed the same
   * for as long as it lasts.
   *
   * @param options The key and the value.
   * @param signal Ends the wait.
   * @returns The lease.
   * @throws {Error} If the server does not answer, or refuses.
   */
  static async take(options: LeaseOptions, signal: AbortSignal): Promise<Lease> {
    const { clock = SYSTEM_CLOCK, duration } = options;
    let seen = -1;
    let since = 0;
    while (true) {
      signal.throwIfAborted();
      const last = await readLast(options);
      const lasts = last.data.length === 0 ? 0 : options.durationOf(last.data);
      if (last.seq !== seen) {
        if (lasts > 0 && seen < 0) options.onTaken?.();
        [seen, since] = [last.seq, clock.now()];
      }
      if (lasts === 0 || clock.now() - since > lasts) {
        const heldUntil = clock.now() + duration;
        const revision = await publish(options, last.seq, options.value()).catch(unlessConflict);
        if (revision !== undefined) return new Lease(options, revision, heldUntil);
      } else await pause(Math.min(lasts, duration) / RENEWALS, signal, clock);
    }
  }

  /** Whether readers have it as held for certain. False after a pause of the process that was too long. */
  get isHeld(): boolean {
    return this.#clock.now() < this.#heldUntil;
  }

  /** The place of the last renewal in the stream. */
  get revision(): number {
    return this.#revision;
  }

  /** When it ends unless it is renewed, on the monotonic clock. */
  get heldUntil(): number {
    return this.#heldUntil;
  }

  /**
   * Renews it once.
   *
   * @throws {Error} If it has lapsed, another process has it, or the server does not answer.
   */
  async renew(): Promise<void> {
    if (!this.isHeld) throw new Error(`The lease of ${this.#options.key} has lapsed`);
    const heldUntil = this.#clock.now() + this.#options.duration;
    const revision = await publish(this.#options, this.#revision, this.#options.value()).catch(unlessConflict);
    this.#revision = revision ?? await this.#ownRevision();
    this.#heldUntil = heldUntil;
  }

  /**
   * Renews it periodically, until the signal aborts.
   *
   * @param signal The signal.
   * @throws {Error} As soon as it has lapsed or another process has it.
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

  /** Gives it up, so that others needn't wait for its end. A lease that has lapsed is left alone. */
  async release(): Promise<void> {
    if (!this.isHeld) return;
    this.#heldUntil = -Infinity;
    await publish(this.#options, this.#revision, this.#options.left());
  }

  /** The revision of a renewal whose acknowledgment was lost. */
  async #ownRevision(): Promise<number> {
    const { seq, data } = await readLast(this.#options);
    if (data.length > 0 && this.#options.durationOf(data) === 0) return seq;
    this.#heldUntil = -Infinity;
    throw new Error(`Another process has taken the lease of ${this.#options.key}`);
  }
}

async function readLast({ manager, bucket, key }: LeaseOptions): Promise<{ seq: number; data: Uint8Array }> {
  const last = await manager.direct.getMessage(bucketStream(bucket), { last_by_subj: keySubject(bucket, key) });
  return last ?? { seq: 0, data: new Uint8Array() };
}

async function publish(options: LeaseOptions, last: number, value: Uint8Array): Promise<number> {
  const { jetstream, bucket, key, duration } = options;
  const { seq } = await jetstream.publish(keySubject(bucket, key), value, {
    expect: { lastSubjectSequence: last },
    // An answer that comes later than the next renewal is worth nothing.
    timeout: duration / RENEWALS,
  });
  return seq;
}

function unlessConflict(error: unknown): undefined {
  if (!(error instanceof JetStreamApiError && error.code === WRONG_LAST_SEQUENCE)) throw error;
}
