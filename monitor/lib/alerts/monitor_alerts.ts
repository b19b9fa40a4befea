/** Alerts about many targets, or about the monitor itself. */

import type { Overload, Storm, Trouble } from "../event.ts";
import type { Alert } from "./alert.ts";

/**
 * Creates the alert of an event.
 *
 * @param event An event that begins a condition.
 * @returns The alert.
 */
export function makeMonitorAlert(event: Storm | Overload | Trouble): Alert {
  switch (event.type) {
    case "storm": {
      const { group, count, of, within } = event;
      const where = group === undefined ? "" : ` of group ${group}`;
      const span = `${Math.round(within / 1000)} s`;
      return {
        labels: { alertname: "TargetStorm", ...group !== undefined && { group } },
        annotations: {
          summary: `${number(count)} of ${number(of)} targets${where} went down within ${span}, ` +
            "perhaps because of this host",
        },
        startsAt: event.at,
      };
    }
    case "trouble": {
      const { count, of, reason } = event;
      return {
        labels: { alertname: "MonitorTrouble" },
        annotations: {
          summary: `${number(count)} of ${number(of)} checks fail on the monitor's host or in its resolver: ${reason}`,
          reason,
        },
        startsAt: event.at,
      };
    }
    case "overload":
      return {
        labels: { alertname: "MonitorOverload" },
        annotations: { summary: "More checks are due than the monitor can start" },
        startsAt: event.at,
      };
  }
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
