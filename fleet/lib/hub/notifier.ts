/**
 * Notifier: sends notifications while this hub holds the notifier's lease, so that only one of several hubs notifies
 * (leader election).
 *
 * Before each delivery it writes the announced targets to the servers, and renews the lease. So a paused or
 * disconnected hub sends nothing after another hub has taken over, and the other hub knows which alerts to resolve.
 */

import { jetstream, type JetStreamClient, type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import type { MonitorEvent, TargetTransition } from "@tcp-shaker/monitor";
import { type SinkConfiguration, SinkSet, type SinkStatus } from "@tcp-shaker/monitor/parts";
import { encode } from "../protocol/codec.ts";
import { MIN_LEASE } from "../protocol/limits.ts";
import { Malformed } from "../protocol/malformed.ts";
import { type NotifierLease, parseNotifierLease } from "../protocol/notifier.ts";
import { HUBS_BUCKET, NOTIFIER_KEY } from "../protocol/subjects.ts";
import { Lease, type LeaseOptions } from "../session/lease.ts";
import { pause } from "../session/pause.ts";
import { Announcements } from "./announcements.ts";
import type { FleetStates } from "./fleet_states.ts";

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
export interface NotifierOptions {
  /** The hub's name, and the boot id of its process. */
  readonly hub: string;
  readonly boot: string;
  /** Time in ms within which another hub takes over. */
  readonly takeover: number;
  readonly states: FleetStates;
  /** Called with a message for the log. */
  readonly onMessage: (message: string) => void;
}

/** Sends notifications, across sessions. */
export class Notifier {
  readonly #options: NotifierOptions;
  #configurations: readonly SinkConfiguration[];
  #sinks: SinkSet | undefined;
  #lease: Lease | undefined;

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
    return this.#lease?.isHeld === true && this.#sinks !== undefined;
  }

  /** The counts of each sink; empty while another hub sends. */
  statuses(): SinkStatus[] {
    return this.#sinks?.statuses() ?? [];
  }

  /** Replaces the sinks. Sinks with an unchanged configuration continue. */
  async configure(configurations: readonly SinkConfiguration[]): Promise<void> {
    this.#configurations = configurations;
    await this.#reopen?.();
  }

  /** Reopens the sinks; absent while another hub sends. */
  #reopen: (() => Promise<void>) | undefined;

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
    const { states, onMessage } = this.#options;
    const announcements = await Announcements.read(connection);
    const events = states.events({ signal });
    const confirm = async () => {
      await announcements.write();
      await lease.renew();
    };
    const onFailure = (message: string) => {
      // Not reported if another hub has taken over, because that is not a failure.
      if (lease.isHeld) onMessage(message);
    };
    const host = () => ({ states, onFailure, confirm, announced: [...announcements.ids] });
    const sinks = this.#sinks = await SinkSet.open(this.#configurations, host());
    this.#reopen = async () => {
      const before = this.#sinks!;
      this.#sinks = await SinkSet.open(this.#configurations, host(), before);
      await before.closeExcept(this.#sinks);
    };
    const tidying = this.#tidy(announcements, signal);
    try {
      for (const event of missed(states, announcements.ids)) sinks.take(event);
      for (const { id, state } of states.states()) if (state === "down") announcements.add(id);
      for await (const event of events) {
        if (event.type === "transition" && event.to === "down") announcements.add(event.id);
        this.#sinks.take(event);
      }
    } finally {
      this.#reopen = undefined;
      await this.#sinks[Symbol.asyncDispose]();
      await tidying;
      this.#sinks = undefined;
    }
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
        return holder instanceof Malformed || holder.left || holder.boot === boot ? 0 : holder.lease;
      },
    };
  }
}

/**
 * Yields the transitions without a notification: to down, for targets that are down and not announced; to up, for
 * targets that are up and announced.
 */
function* missed(states: FleetStates, announced: ReadonlySet<string>): Generator<MonitorEvent, void> {
  for (const { id, target, group, labels, state, since, reason } of states.states()) {
    const isMissed = announced.has(id) ? state === "up" : state === "down";
    if (!isMissed) continue;
    const transition: TargetTransition = {
      type: "transition",
      id,
      target,
      group,
      labels,
      at: since,
      // Without its own number, because the previous hub may have sent the event.
      sequence: 0,
      from: state === "up" ? "down" : "up",
      to: state,
      ...reason !== undefined && { reason },
      count: 0,
      of: 0,
      duration: 0,
      initial: false,
    };
    yield transition;
  }
}
