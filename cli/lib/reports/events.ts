/** Formats events of the monitor as lines. */

import type { MonitorEvent, TargetTransition } from "@tcp-shaker/monitor";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { GAP, spanText, statusText } from "../text.ts";

/**
 * Formats an event as a line.
 *
 * @param event The event.
 * @param groundsText Formats the reason of a transition; by default the number of results.
 * @returns `"2026-11-28T12:00:00.123Z  down  192.0.2.1:5432  refused ECONNREFUSED  after 3 of 3, up for 2h 3m"`.
 */
export function eventLine(event: MonitorEvent, groundsText: (event: TargetTransition) => string = resultsText): string {
  return printable([new Date(event.at).toISOString(), ...columns(event, groundsText)].join(GAP));
}

function resultsText({ count, of }: TargetTransition): string {
  return of > 0 ? `after ${count} of ${of}` : "no result for too long";
}

function columns(event: MonitorEvent, groundsText: (event: TargetTransition) => string): string[] {
  switch (event.type) {
    case "transition": {
      const { result, reason, from, duration } = event;
      const history = [
        groundsText(event),
        ...from === "unknown" ? [] : [`${from} for ${spanText(duration)}`],
      ];
      const cause = reason ?? (result && statusText(result));
      return [event.to, nameOf(event), ...cause === undefined ? [] : [cause], history.join(", ")];
    }
    case "degraded":
    case "flapping":
      return [event.type, nameOf(event), event.active ? "begins" : "ends"];
    case "disagreement":
      return [
        event.type,
        nameOf(event),
        event.active ? `begins: ${event.state} from ${event.zones?.join(", ")} only` : "ends",
      ];
    case "maintenance":
      return [
        event.type,
        nameOf(event),
        event.active ? "begins" : `ends, ${event.to}`,
        ...event.reason === undefined ? [] : [event.reason],
      ];
    case "added":
    case "removed":
      return [event.type, nameOf(event)];
    case "storm": {
      const where = event.group === undefined ? "all targets" : `group ${event.group}`;
      const share = `${count(event.count)} of ${count(event.of)} down within ${spanText(event.within)}`;
      return [event.type, where, event.active ? `begins: ${share}, perhaps because of this host` : `ends: ${share}`];
    }
    case "overload":
      return [event.type, event.active ? "begins: more checks are due than can start" : "ends"];
    case "trouble": {
      const share = `${count(event.count)} of ${
        count(event.of)
      } checks failed on this host or in the resolver: ${event.reason}`;
      return [event.type, event.active ? `begins: ${share}` : "ends"];
    }
    case "lost":
      return [event.type, `${count(event.count)} events: stdout is too slow`];
  }
}

/** Returns the id, followed by the target if it differs. */
function nameOf({ id, target }: { id: string; target: string }): string {
  return id === target ? id : `${id} (${target})`;
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
