/** Active conditions: storms, trouble and overload. */

import type { LoggedEvent } from "./event_log.ts";

/**
 * Finds the conditions that have not ended.
 *
 * @param events Events, oldest first.
 * @returns The event that began each condition, newest first.
 */
export function conditionsOf(events: readonly LoggedEvent[]): LoggedEvent[] {
  const seen = new Set<string>();
  const active: LoggedEvent[] = [];
  for (const logged of events.toReversed()) {
    const { event } = logged;
    if (event.type !== "storm" && event.type !== "trouble" && event.type !== "overload") continue;
    const key = JSON.stringify([event.type, event.type === "storm" ? event.group : undefined]);
    if (seen.has(key)) continue;
    seen.add(key);
    if (event.active) active.push(logged);
  }
  return active;
}
