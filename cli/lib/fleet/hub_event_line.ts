/** Formats events of a hub as lines. */

import { agreementText, type FleetVerdict } from "@tcp-shaker/fleet";
import type { MonitorEvent } from "@tcp-shaker/monitor";
import { eventLine } from "../reports/events.ts";

/**
 * Formats an event like the monitor, with the votes instead of the number of results.
 *
 * @param event The event.
 * @returns `"2026-11-28T12:00:00.123Z  down  192.0.2.1:5432  refused  2 of 3 agree, up for 2h 3m"`.
 */
export function hubEventLine(event: MonitorEvent): string {
  // A hub has no maintenance, so the state is that of a verdict.
  return eventLine(
    event,
    ({ to, count, of }) => agreementText({ state: to as FleetVerdict["state"], agree: count, present: of }),
  );
}
