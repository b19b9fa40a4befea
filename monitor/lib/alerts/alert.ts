/** Alerts: conditions of a monitor that need a person's attention, in the terms of Prometheus' Alertmanager. */

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
   * Labels, which identify the alert: `alertname`, and for a target its `id`, `target`, `group` and own labels. State
   * and reason are annotations, because an alert with other labels is another alert.
   */
  readonly labels: Readonly<Record<string, string>> & { readonly alertname: AlertName };
  /** Annotations: text for people. */
  readonly annotations: Readonly<Record<string, string>>;
  /** When the condition began, in ms since 1970. */
  readonly startsAt: number;
  /** When the condition ended, in ms since 1970; absent while the alert fires. */
  readonly endsAt?: number;
}

/** Returns the identity of an alert: a text that is equal for equal labels. */
export function alertKey({ labels }: Alert): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => a < b ? -1 : 1));
}
