/**
 * Notifier: sends notifications while this hub holds the notifier's lease, so that only one of several hubs notifies
 * (leader election).
 *
 * Before each delivery it writes the announced targets to the servers, and renews the lease. So a paused or
 * disconnected hub sends nothing after another hub has taken over, and the other hub knows which alerts to resolve.
 */

import { jetstream, type JetStreamClient, type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import type { SinkConfiguration, SinkStatus } from "@tcp-shaker/monitor/parts";
import { encode } from "../protocol/codec.ts";
import { MIN_LEASE } from "../protocol/limits.ts";
import { Malformed } from "../protocol/malformed.ts";
import { type NotifierLease, parseNotifierLease } from "../protocol/notifier.ts";
import { HUBS_BUCKET, NOTIFIER_KEY } from "../protocol/subjects.ts";
import { Lease, type LeaseOptions } from "../session/lease.ts";
import { pause } from "../session/pause.ts";
import { Announcements } from "./announcements.ts";
import { NotifierTerm, type NotifierTermOptions } from "./notifier_term.ts";

/**
 * Interval of updates of the announcements, in ms. A recovered target stays announced for at least this time, which
 * must exceed the second for which a sink collects alerts.
 */
const TIDY_EVERY = 5_000;
/**
 * Duration of the notifier's lease, as a share of the time within which another hub takes over. The rest is for the
 * other hub, which sees the last renewal up to a quarter of the duration late, and reads the announcements.
 */
const LEASE_SHARE = 0.75;

/** Options of {@linkcode Notifier}. */
export interface NotifierOptions extends NotifierTermOptions {
  /** The hub's name, and the boot id of its process. */
  readonly hub: string;
  readonly boot: string;
  /** Time in ms within which another hub takes over. */
  readonly takeover: number;
}

/** Sends notifications, across sessions. */
export class Notifier implements AsyncDisposable {
  readonly #options: NotifierOptions;
  #configurations: readonly SinkConfiguration[];
  /** The current term; absent once another hub sends. */
  #term: NotifierTerm | undefined;
  #closing: Promise<void> | undefined;
  #lease: Lease | undefined;
  #isEnded = false;

  /**
   * Creates a notifier without a lease.
   *
   * @param configurations The sinks.
   * @param options The options.
   */
  constructor(configurations: readonly SinkConfiguration[], options: NotifierOptions) {
    this.#configurations = configurations;
    this.#options = options;
  }

  /** Whether this hub sends the notifications. */
  get isHolder(): boolean {
    return this.#lease?.isHeld === true && this.#term !== undefined;
  }

  /** The counts of each sink; empty while another hub sends. */
  statuses(): SinkStatus[] {
    return this.#term?.statuses() ?? [];
  }

  /** Replaces the sinks. Sinks with an unchanged configuration continue. */
  async configure(configurations: readonly SinkConfiguration[]): Promise<void> {
    this.#configurations = configurations;
    await this.#term?.configure(configurations);
  }

  /** Delivers the queued notifications, and closes the sinks. Call it before the end of the session. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true;
    await this.#endTerm();
  }

  /**
   * Waits for the lease, and notifies while it lasts.
   *
   * @param connection The connection.
   * @param signal Ends the notifying, and releases the lease.
   * @throws {Error} If the lease is lost, or the server doesn't answer.
   */
  async run(connection: NatsConnection, signal: AbortSignal): Promise<void> {
    const manager = await jetstreamManager(connection);
    const lease = this.#lease = await Lease.take(this.#leaseOptions(jetstream(connection), manager), signal);
    const end = new AbortController();
    const ends = AbortSignal.any([signal, end.signal]);
    const notifying = this.#notify(connection, lease, ends);
    try {
      await Promise.race([lease.keep(ends), notifying]);
    } finally {
      end.abort();
      await notifying.catch(() => {});
      await lease.release().catch(() => {});
      this.#lease = undefined;
    }
  }

  async #notify(connection: NatsConnection, lease: Lease, signal: AbortSignal): Promise<void> {
    const announcements = await Announcements.read(connection);
    await this.#closing;
    const term = this.#term ??= await NotifierTerm.open(this.#configurations, announcements, this.#options);
    if (this.#isEnded) return await this.#endTerm();
    term.join({ announcements, lease });
    try {
      await this.#tidy(announcements, signal);
    } finally {
      term.leave();
    }
  }

  async #endTerm(): Promise<void> {
    this.#closing = this.#term?.[Symbol.asyncDispose]() ?? this.#closing;
    this.#term = undefined;
    await this.#closing;
  }

  /** Removes the announcements of targets that are up, once every sink has delivered their recovery. */
  async #tidy(announcements: Announcements, signal: AbortSignal): Promise<void> {
    const { states } = this.#options;
    let recovered: string[] = [];
    while (!signal.aborted) {
      await pause(TIDY_EVERY, signal);
      if (signal.aborted) return;
      const isUp = (id: string) => {
        const state = states.get(id)?.state;
        return state === undefined || state === "up";
      };
      if (this.statuses().every(({ waiting }) => waiting === 0)) {
        for (const id of recovered.filter(isUp)) announcements.delete(id);
      }
      recovered = [...announcements.ids].filter(isUp);
      await announcements.write().catch(() => {});
    }
  }

  #leaseOptions(client: JetStreamClient, manager: JetStreamManager): LeaseOptions {
    const { hub, boot, takeover } = this.#options;
    const lease = Math.max(MIN_LEASE, LEASE_SHARE * takeover);
    const own: NotifierLease = { hub, boot, lease };
    return {
      jetstream: client,
      manager,
      bucket: HUBS_BUCKET,
      key: NOTIFIER_KEY,
      duration: lease,
      value: () => encode(own),
      released: () => encode({ ...own, left: true }),
      durationOf: (value) => {
        const holder = parseNotifierLease(value);
        if (!(holder instanceof Malformed) && holder.boot === boot) return 0;
        // The other hub may have sent or resolved alerts.
        void this.#endTerm();
        return holder instanceof Malformed || holder.left ? 0 : holder.lease;
      },
    };
  }
}
