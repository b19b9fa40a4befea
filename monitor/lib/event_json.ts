/** JSON form of events. */

import { printable } from "@tcp-shaker/tcp-shaker/quote";
import type { MonitorEvent } from "./event.ts";
import { milliseconds } from "./milliseconds.ts";

/**
 * Formats an event as JSON.
 *
 * @param event The event.
 * @returns An object on one line. Its `schema` is `"tcp-checker-event/1"`, and `at` is in RFC 3339.
 */
export function eventJson(event: MonitorEvent): string {
  return printable(JSON.stringify({
    schema: "tcp-checker-event/1",
    ...event,
    at: new Date(event.at).toISOString(),
    ..."duration" in event && { duration: milliseconds(event.duration) },
  }));
}
