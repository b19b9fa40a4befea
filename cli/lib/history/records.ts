/** Fields of outages and of monthly uptime: the columns of CSV, and the keys of JSON. */

import type { MonthlyUptime, Outage } from "@tcp-shaker/monitor/history";

/** A record; `null` is an empty field of CSV. */
export type HistoryRecord = Readonly<Record<string, string | number | null>>;

/** Returns the record of an outage. */
export function outageRecord({ id, target, group, start, end, length, reason }: Outage): HistoryRecord {
  return {
    id,
    target,
    group,
    start: new Date(start).toISOString(),
    end: end === undefined ? null : new Date(end).toISOString(),
    seconds: seconds(length),
    reason,
  };
}

/** Returns the record of a target's month. */
export function uptimeRecord(
  { id, month, uptime, coverage, up, down, unknown, maintenance }: MonthlyUptime,
): HistoryRecord {
  return {
    id,
    month,
    uptime: uptime === null ? null : round(uptime),
    coverage: round(coverage),
    upSeconds: seconds(up),
    downSeconds: seconds(down),
    unknownSeconds: seconds(unknown),
    maintenanceSeconds: seconds(maintenance),
  };
}

/** The fields of {@linkcode outageRecord}, for the header of an empty table. */
export const OUTAGE_FIELDS = ["id", "target", "group", "start", "end", "seconds", "reason"];
/** The fields of {@linkcode uptimeRecord}. */
export const UPTIME_FIELDS = [
  ...["id", "month", "uptime", "coverage"],
  ...["upSeconds", "downSeconds", "unknownSeconds", "maintenanceSeconds"],
];

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}

function round(share: number): number {
  return Number(share.toFixed(7));
}
