/**
 * A sink that sends alerts to Prometheus' Alertmanager.
 *
 * ```ts ignore
 * import { Monitor } from "@tcp-shaker/monitor";
 * import { AlertmanagerSink } from "@tcp-shaker/monitor/alertmanager";
 *
 * await using monitor = await Monitor.start(["192.0.2.1:5432"]);
 * await using sink = new AlertmanagerSink(monitor, [{ url: "http://127.0.0.1:9093" }]);
 * for await (const event of monitor.events()) sink.take(event);
 * ```
 *
 * @module
 */

import { type Alert, alertKey } from "../alerts/alert.ts";
import { type AlertOptions, AlertTracker } from "../alerts/alert_tracker.ts";
import { type Clock, SYSTEM_CLOCK } from "../clock.ts";
import type { MonitorEvent } from "../event.ts";
import { AlertmanagerClient } from "./alertmanager_client.ts";
import { CLOSE_TIMEOUT_MS, type OnSinkFailure, type Sink, type SinkStatistics, type StateSource } from "./sink.ts";
import type { Receiver } from "./post.ts";

export type { Alert, AlertName } from "../alerts/alert.ts";
export type { AlertOptions } from "../alerts/alert_tracker.ts";
export type { Receiver } from "./post.ts";
export type { OnSinkFailure, Sink, SinkStatistics, StateSource } from "./sink.ts";

/** Options of an {@linkcode AlertmanagerSink}. */
export interface AlertmanagerOptions extends AlertOptions {
  /**
   * Interval at which firing alerts are sent again, in ms. Alertmanager resolves an alert after four missed intervals.
   *
   * @default {60000}
   */
  readonly resend?: number;
  /** Called with a message when a request fails. The request is retried after a pause. */
  readonly onFailure?: OnSinkFailure;
  /**
   * Time limit for pending requests when the sink ends, in ms.
   *
   * @default {1000}
   */
  readonly closeTimeout?: number;
}

/** Time for which a resolved alert is sent again, in ms, as in Prometheus. */
const RESOLVED_MS = 15 * 60_000;
/** Number of missed resends after which Alertmanager resolves an alert. */
const MISSED_RESENDS = 4;

/**
 * Sends each alert to all given Alertmanagers, as a cluster of Alertmanagers requires. Firing alerts are sent
 * repeatedly, resolved alerts for 15 minutes. A failed request is retried with exponential back-off, with the current
 * state of the alerts. When the sink ends, it resolves no alert. It needs `--allow-net` for each receiver.
 */
export class AlertmanagerSink implements Sink {
  readonly #clock: Clock;
  readonly #resend: number;
  readonly #closeTimeout: number;
  readonly #tracker: AlertTracker;
  readonly #clients: readonly AlertmanagerClient[];
  /** Resolved alerts, by key. */
  readonly #resolved = new Map<string, Alert>();
  #cancelResend: () => void = () => {};

  /**
   * Creates the sink.
   *
   * @param states The monitor, or other states.
   * @param receivers The Alertmanagers, with URLs without `/api/v2/alerts`.
   * @param options Delays, intervals and the failure handler.
   * @throws {TypeError} If a URL is malformed.
   */
  constructor(states: StateSource, receivers: readonly Receiver[], options: AlertmanagerOptions = {}) {
    const { clock = SYSTEM_CLOCK, resend = 60_000, closeTimeout = CLOSE_TIMEOUT_MS, onFailure = () => {} } = options;
    this.#clock = clock;
    this.#resend = resend;
    this.#closeTimeout = closeTimeout;
    this.#clients = receivers.map((receiver) => new AlertmanagerClient(receiver, onFailure, clock));
    this.#tracker = new AlertTracker(states, (alerts) => this.#onAlerts(alerts), options);
    this.#armResend();
  }

  take(event: MonitorEvent): void {
    this.#tracker.take(event);
  }

  statistics(): SinkStatistics {
    const sum = (count: (statistics: SinkStatistics) => number) =>
      this.#clients.reduce((total, client) => total + count(client.statistics()), 0);
    return {
      delivered: sum(({ delivered }) => delivered),
      failed: sum(({ failed }) => failed),
      dropped: sum(({ dropped }) => dropped),
      waiting: sum(({ waiting }) => waiting),
    };
  }

  /** Sends the queued alerts, and retries a failed request once. Delayed alerts are not sent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#tracker.flush();
    this.#tracker[Symbol.dispose]();
    this.#cancelResend();
    await Promise.all(this.#clients.map((client) => client.close(this.#closeTimeout)));
  }

  #onAlerts(alerts: readonly Alert[]): void {
    for (const alert of alerts) {
      if (alert.endsAt === undefined) this.#resolved.delete(alertKey(alert));
      else this.#resolved.set(alertKey(alert), alert);
    }
    this.#send(alerts);
  }

  #armResend(): void {
    this.#cancelResend = this.#clock.at(this.#clock.now() + this.#resend, () => {
      const date = this.#clock.date();
      for (const [key, { endsAt }] of this.#resolved) if (date - endsAt! > RESOLVED_MS) this.#resolved.delete(key);
      this.#send([...this.#resolved.values(), ...this.#tracker.firing()]);
      this.#armResend();
    });
  }

  #send(alerts: readonly Alert[]): void {
    const expiry = MISSED_RESENDS * this.#resend;
    for (const client of this.#clients) client.send(alerts, expiry);
  }
}
