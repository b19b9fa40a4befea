/** Client of one Alertmanager: sends the newest state of each alert until the Alertmanager accepts it. */

import { type Alert, alertKey } from "../alerts/alert.ts";
import { type Clock, SYSTEM_CLOCK } from "../clock.ts";
import { SinkCounters } from "./counters.ts";
import { parseReceiverUrl, postJson, type Receiver, RejectedError } from "./post.ts";
import { RetryLoop } from "./retry_loop.ts";
import type { OnSinkFailure, SinkStatistics } from "./sink.ts";

/** Maximum number of alerts in a request. */
const BATCH_ALERTS = 1000;

/** Sends alerts to one Alertmanager. */
export class AlertmanagerClient {
  readonly #receiver: Receiver;
  readonly #clock: Clock;
  readonly #loop: RetryLoop;
  readonly #onError: (error: Error) => void;
  /** The newest state of each alert that the Alertmanager has not accepted yet. Bounded by the number of alerts. */
  readonly #waiting = new Map<string, Alert>();
  #expiry = 0;
  readonly #counters = new SinkCounters();

  /**
   * Creates a client.
   *
   * @param receiver The Alertmanager.
   * @param onFailure Called with a message when a request fails.
   * @param clock The clock.
   * @throws {TypeError} If the URL is malformed.
   */
  constructor(receiver: Receiver, onFailure: OnSinkFailure, clock: Clock = SYSTEM_CLOCK) {
    const url = parseReceiverUrl(receiver.url);
    url.pathname = `${url.pathname.replace(/\/$/, "")}/api/v2/alerts`;
    this.#receiver = { ...receiver, url };
    this.#clock = clock;
    this.#onError = ({ message }) => {
      this.#counters.failed++;
      onFailure(`Cannot send alerts: ${message}`);
    };
    this.#loop = new RetryLoop((signal) => this.#post(signal), this.#onError, clock);
  }

  /**
   * Queues alerts for sending.
   *
   * @param alerts The alerts.
   * @param expiry The time in ms after which the Alertmanager resolves the alerts.
   */
  send(alerts: readonly Alert[], expiry: number): void {
    this.#expiry = expiry;
    for (const alert of alerts) this.#waiting.set(alertKey(alert), alert);
    if (this.#waiting.size > 0) this.#loop.wake();
  }

  /** Returns the counts of requests; `waiting` and `dropped` count alerts. */
  statistics(): SinkStatistics {
    return this.#counters.statistics(this.#waiting.size);
  }

  /** Ends the client, after one more attempt to send queued alerts. */
  close(timeout: number): Promise<void> {
    return this.#loop.close(timeout);
  }

  async #post(signal: AbortSignal): Promise<boolean> {
    const batch = [...this.#waiting].slice(0, BATCH_ALERTS);
    const expires = this.#clock.date() + this.#expiry;
    try {
      await postJson(this.#receiver, batch.map(([, alert]) => toJson(alert, expires)), signal);
      this.#counters.delivered++;
    } catch (error) {
      if (!(error instanceof RejectedError)) throw error;
      // Not retried, because Alertmanager accepts the valid alerts of a rejected request.
      this.#counters.dropped += batch.length;
      this.#onError(error);
    }
    for (const [key, alert] of batch) if (this.#waiting.get(key) === alert) this.#waiting.delete(key);
    return this.#waiting.size > 0;
  }
}

function toJson({ labels, annotations, startsAt, endsAt }: Alert, expires: number) {
  return {
    labels,
    annotations,
    startsAt: new Date(startsAt).toISOString(),
    endsAt: new Date(endsAt ?? expires).toISOString(),
  };
}
