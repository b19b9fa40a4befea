/**
 * Notifier: sends notifications while this hub holds the hubs' lease on notifying.
 *
 * Each delivery is confirmed first: the targets that it may tell as down are written to the servers, and the lease is
 * renewed. So a hub that was paused, or is cut off, sends nothing after another one has taken over; and the other one
 * knows which alerts to end.
 */

import type { JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import type { MonitorEvent, TargetTransition } from "@tcp-shaker/monitor";
import { type SinkConfiguration, SinkSet, type SinkStatus } from "@tcp-shaker/monitor/parts";
import { encode } from "../protocol/codec.ts";
import { Malformed } from "../protocol/malformed.ts";
import { type NotifierLease, parseNotifierLease } from "../protocol/notifier.ts";
import { HUBS_BUCKET, NOTIFIER_KEY } from "../protocol/subjects.ts";
import { Lease } from "../session/lease.ts";
import { pause } from "../session/pause.ts";
import { Announcements } from "./announcements.ts";
import type { FleetStates } from "./fleet_states.ts";

/**
 * How often the announcements are brought up to date, in ms. A recovery stays announced for as long at least, which is
 * more than the second for which alerts gather in a sink.
 */
const TIDY_EVERY = 5_000;

/** What a notifier needs. */
export interface NotifierOptions {
  /** The hub's name, and its process. */
  readonly hub: string;
  readonly boot: string;
  /** How long the lease lasts, in ms: another hub takes over after that time. */
  readonly lease: number;
  readonly states: FleetStates;
  /** Called with a message for the log. */
  readonly onMessage: (message: string) => void;
}

/** Sends notifications, in one session after the other. */
export class Notifier {
  readonly #options: NotifierOptions;
  #configurations: readonly SinkConfiguration[];
  #sinks: SinkSet | undefined;
  #lease: Lease | undefined;

  /**
   * Makes a notifier without a lease.
   *
   * @param configurations The sinks.
   * @param options What it needs.
   */
  constructor(configurations: readonly SinkConfiguration[], options: NotifierOptions) {
    this.#configurations = configurations;
    this.#options = options;
  }

  /** Whether this hub sends the notifications. */
  get isHolder(): boolean {
    return this.#lease?.isHeld === true && this.#sinks !== undefined;
  }

  /** The counts of each sink; none while another hub sends. */
  statuses(): SinkStatus[] {
    return this.#sinks?.statuses() ?? [];
  }

  /** Replaces the sinks. Those with the same configuration go on. */
  async configure(configurations: readonly SinkConfiguration[]): Promise<void> {
    this.#configurations = configurations;
    await this.#reopen?.();
  }

  /** Opens the sinks again; absent while another hub sends. */
  #reopen: (() => Promise<void>) | undefined;

  /**
   * Waits for the lease, and notifies while it lasts.
   *
   * @param connection The connection.
   * @param signal Ends it, and gives the lease up.
   * @throws {Error} If the lease is lost, or the server doesn't answer.
   */
  async run(connection: NatsConnection, signal: AbortSignal): Promise<void> {
    const parts = { jetstream: jetstream(connection), manager: await jetstreamManager(connection) };
    const lease = this.#lease = await Lease.take(this.#leaseOptions(parts), signal);
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
      // What fails because another hub has taken over is no failure.
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

  #leaseOptions({ jetstream, manager }: { jetstream: JetStreamClient; manager: JetStreamManager }) {
    const { hub, boot, lease } = this.#options;
    const own: NotifierLease = { hub, boot, lease };
    return {
      jetstream,
      manager,
      bucket: HUBS_BUCKET,
      key: NOTIFIER_KEY,
      duration: lease,
      value: () => encode(own),
      left: () => encode({ ...own, left: true }),
      durationOf: (value: Uint8Array) => {
        const holder = parseNotifierLease(value);
        return holder instanceof Malformed || holder.left || holder.boot === boot ? 0 : holder.lease;
      },
    };
  }
}

/** The transitions that no hub has announced, as far as they still hold. */
function* missed(states: FleetStates, announced: ReadonlySet<string>): Generator<MonitorEvent, void> {
  for (const { id, target, group, labels, state, since, reason } of states.states()) {
    const isAnnounced = announced.has(id);
    if (state === "up" ? !isAnnounced : state !== "down" || isAnnounced) continue;
    const transition: TargetTransition = {
      type: "transition",
      id,
      target,
      group,
      labels,
      at: since,
      // Not one of the numbered events: the hub before may have told it.
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
