/** Software prefetch of targets. */

import type { ScheduledCheck } from "./scheduled_check.ts";
import type { TargetEntry } from "./target_entry.ts";

/**
 * Reads the objects of targets, so that they are in the processor's cache. All other targets were checked since, so each
 * object is a cache miss. Here a loop reads the same object of each target, and the processor waits for many at a time;
 * during the checks it would wait for one after the other.
 *
 * @param slots The targets.
 * @returns A number that depends on all that was read, so that no compiler leaves the reading out.
 */
export function prefetch(scheduled: readonly ScheduledCheck<TargetEntry>[]): number {
  let read = 0;
  for (const { item } of scheduled) read += item.checks;
  for (const { item: { settings, check, verdict, heardAt, rttSum, rtt } } of scheduled) {
    read += settings.id.length + verdict.count + Number(check === undefined) + heardAt + rttSum + rtt;
  }
  for (const { item: { settings, check } } of scheduled) {
    read += settings.endpoint.port + Number(check?.start === undefined);
  }
  for (const { item: { settings } } of scheduled) read += settings.endpoint.hostname.charCodeAt(0);
  return read;
}
