/** Software prefetch of targets. */

import type { ScheduledCheck } from "./scheduled_check.ts";
import type { TargetEntry } from "./target_entry.ts";

/**
 * Reads the objects of targets, so that they are in the processor's cache. Each object is a cache miss, because all
 * other targets were checked since. These loops let the processor overlap the misses of many targets; the checks would
 * wait for each miss in turn.
 *
 * @param slots The targets.
 * @returns A number that depends on all reads, so that the compiler can't remove them.
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
