/** Alerts: conditions of a monitor that a person should know of, in the terms of Prometheus' Alertmanager. */

/** The name of an alert, its label `alertname`. */
export type AlertName =
  | "TargetDown"
  | "TargetDegraded"
  | "TargetFlapping"
  | "TargetStorm"
  | "MonitorTrouble"
  | "MonitorOverload";

/** An alert. */
export interface Alert {
  /**
   * What identifies it: `alertname`, and for a target its `id`, `target`, `group` and own labels. A state or a reason is
   * no label, because an alert whose labels change is another alert.
   */
  readonly labels: Readonly<Record<string, string>> & { readonly alertname: AlertName };
  /** Text for people. */
  readonly annotations: Readonly<Record<string, string>>;
  /** When the condition began, in ms since 1970. */
  readonly startsAt: number;
  /** When the condition ended, in ms since 1970; absent while the alert fires. */
  readonly endsAt?: number;
}

/**
 * The identity of an alert.
 *
 * @param alert The alert.
 * @returns A text that is the same for alerts with the same labels.
 */
export function alertKey({ labels }: Alert): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => a < b ? -1 : 1));
}
