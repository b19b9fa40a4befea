/** Messages of Alertmanager's webhooks, version 4. */

import type { Alert } from "../alerts/alert.ts";
import { fingerprint } from "../alerts/fingerprint.ts";

/** Names and values. */
export type Labels = Readonly<Record<string, string>>;

/** An alert in a message. */
export interface WebhookAlert {
  /** Whether the alert fires. */
  readonly status: "firing" | "resolved";
  /** Labels, which identify the alert. */
  readonly labels: Labels;
  /** Annotations: text for people. */
  readonly annotations: Labels;
  /** When the alert began (RFC 3339). */
  readonly startsAt: string;
  /** When the alert ended (RFC 3339); year 1 while it fires. */
  readonly endsAt: string;
  /** The message's `externalURL`. */
  readonly generatorURL: string;
  /** Hash of the labels, the same as Alertmanager's. */
  readonly fingerprint: string;
}

/** A message. */
export interface WebhookMessage {
  /** The version of the format. */
  readonly version: "4";
  /** Key of the group: the same for all messages about alerts of one name. */
  readonly groupKey: string;
  /** Number of omitted alerts: always 0. */
  readonly truncatedAlerts: 0;
  /** `"firing"` if any of the alerts fires. */
  readonly status: "firing" | "resolved";
  /** The receiver's name. */
  readonly receiver: string;
  /** The name of the alerts. */
  readonly groupLabels: Labels;
  /** Labels that all alerts have. */
  readonly commonLabels: Labels;
  /** Annotations that all alerts have. */
  readonly commonAnnotations: Labels;
  /** Link to the monitor. */
  readonly externalURL: string;
  /** The alerts. */
  readonly alerts: readonly WebhookAlert[];
}

/** Maximum number of alerts in a message. */
const MAX_ALERTS = 1000;
/** Go's zero time, which Alertmanager sends while an alert fires. */
const NOT_ENDED = "0001-01-01T00:00:00Z";

/**
 * Creates the messages about alerts: one per alert name, or several if a name has over 1,000 alerts.
 *
 * @param alerts The alerts.
 * @param receiver The receiver's name.
 * @param externalURL Link to the monitor.
 * @returns The messages.
 */
export function webhookMessages(alerts: readonly Alert[], receiver: string, externalURL: string): WebhookMessage[] {
  const groups = Map.groupBy(alerts, ({ labels }) => labels.alertname);
  return [...groups].flatMap(([alertname, group]) =>
    chunks(group, MAX_ALERTS).map((chunk): WebhookMessage => {
      const own = chunk.map((alert) => toJson(alert, externalURL));
      return {
        version: "4",
        groupKey: `{}:{alertname="${alertname}"}`,
        truncatedAlerts: 0,
        status: own.some(({ status }) => status === "firing") ? "firing" : "resolved",
        receiver,
        groupLabels: { alertname },
        commonLabels: common(own.map(({ labels }) => labels)),
        commonAnnotations: common(own.map(({ annotations }) => annotations)),
        externalURL,
        alerts: own,
      };
    })
  );
}

function toJson({ labels, annotations, startsAt, endsAt }: Alert, generatorURL: string): WebhookAlert {
  return {
    status: endsAt === undefined ? "firing" : "resolved",
    labels,
    annotations,
    startsAt: new Date(startsAt).toISOString(),
    endsAt: endsAt === undefined ? NOT_ENDED : new Date(endsAt).toISOString(),
    generatorURL,
    fingerprint: fingerprint(labels),
  };
}

/** Returns the entries that are equal in all records. */
function common([first, ...others]: readonly Labels[]): Labels {
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((other) => other[name] === value)),
  );
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
