/**
 * A sink that sends alerts to a webhook, in the format of Alertmanager's webhooks (version 4).
 *
 * ```ts ignore
 * import { Monitor } from "@tcp-shaker/monitor";
 * import { WebhookSink } from "@tcp-shaker/monitor/webhook";
 *
 * await using monitor = await Monitor.start(["192.0.2.1:5432"]);
 * await using sink = new WebhookSink(monitor, { url: "http://127.0.0.1:8080/alerts" });
 * for await (const event of monitor.events()) sink.take(event);
 * ```
 *
 * @module
 */

import { type AlertOptions, AlertTracker } from "../alerts/alert_tracker.ts";
import type { Alert } from "../alerts/alert.ts";
import type { MonitorEvent } from "../event.ts";
import { SinkCounters } from "./counters.ts";
import { parseReceiverUrl, postJson, type Receiver, RejectedError } from "./post.ts";
import { RetryLoop } from "./retry_loop.ts";
import { CLOSE_TIMEOUT_MS, type OnSinkFailure, type Sink, type SinkStatistics, type StateSource } from "./sink.ts";
import { type WebhookMessage, webhookMessages } from "./webhook_message.ts";

export type { Alert, AlertName } from "../alerts/alert.ts";
export type { AlertOptions } from "../alerts/alert_tracker.ts";
export type { Receiver } from "./post.ts";
export type { OnSinkFailure, Sink, SinkStatistics, StateSource } from "./sink.ts";
export type { Labels, WebhookAlert, WebhookMessage } from "./webhook_message.ts";

/** Options of a {@linkcode WebhookSink}. */
export interface WebhookOptions extends AlertOptions {
  /**
   * The messages' `receiver`.
   *
   * @default {"tcp-checker"}
   */
  readonly name?: string;
  /**
   * The messages' `externalURL`: a link to the monitor.
   *
   * @default {""}
   */
  readonly externalUrl?: string;
  /** Called with a message when a request fails. The request is retried after a pause. */
  readonly onFailure?: OnSinkFailure;
  /**
   * Time limit for pending requests when the sink ends, in ms.
   *
   * @default {1000}
   */
  readonly closeTimeout?: number;
}

/** Maximum number of queued messages. */
const QUEUE_MESSAGES = 1000;

/**
 * Sends a message whenever alerts begin or end, in order and one at a time. A failed request is retried with
 * exponential back-off, so a receiver gets a message twice if its response was lost. The queue holds up to 1,000
 * messages while the receiver is down; then the oldest are dropped. Needs `--allow-net` for the receiver.
 */
export class WebhookSink implements Sink {
  readonly #receiver: Receiver;
  readonly #options: WebhookOptions;
  readonly #tracker: AlertTracker;
  readonly #loop: RetryLoop;
  readonly #onError: (error: Error) => void;
  readonly #queue: WebhookMessage[] = [];
  readonly #counters = new SinkCounters();

  /**
   * Creates the sink.
   *
   * @param states The monitor, or other states.
   * @param receiver The webhook.
   * @param options Delays, fields of the messages, and the failure handler.
   * @throws {TypeError} If the URL is malformed.
   */
  constructor(states: StateSource, receiver: Receiver, options: WebhookOptions = {}) {
    parseReceiverUrl(receiver.url);
    this.#receiver = receiver;
    this.#options = options;
    this.#onError = ({ message }) => {
      this.#counters.failed++;
      options.onFailure?.(`Cannot send alerts: ${message}`);
    };
    this.#loop = new RetryLoop((signal) => this.#post(signal), this.#onError, options.clock);
    this.#tracker = new AlertTracker(states, (alerts) => this.#onAlerts(alerts), options);
  }

  take(event: MonitorEvent): void {
    this.#tracker.take(event);
  }

  statistics(): SinkStatistics {
    return this.#counters.statistics(this.#queue.length);
  }

  /** Sends the queued messages, and retries a failed request once. Delayed alerts are not sent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#tracker.flush();
    this.#tracker[Symbol.dispose]();
    await this.#loop.close(this.#options.closeTimeout ?? CLOSE_TIMEOUT_MS);
  }

  #onAlerts(alerts: readonly Alert[]): void {
    const { name = "tcp-checker", externalUrl = "" } = this.#options;
    this.#queue.push(...webhookMessages(alerts, name, externalUrl));
    const surplus = this.#queue.length - QUEUE_MESSAGES;
    // The first message may be in transit.
    if (surplus > 0) this.#counters.dropped += this.#queue.splice(1, surplus).length;
    this.#loop.wake();
  }

  async #post(signal: AbortSignal): Promise<boolean> {
    try {
      await postJson(this.#receiver, this.#queue[0], signal);
      this.#counters.delivered++;
    } catch (error) {
      if (!(error instanceof RejectedError)) throw error;
      this.#counters.dropped++;
      this.#onError(error);
    }
    this.#queue.shift();
    return this.#queue.length > 0;
  }
}
