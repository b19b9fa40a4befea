/** The mode `history`: outages, or uptime per month, from the database of a monitor. */

import { HistoryFile, type ReportRange } from "@tcp-shaker/monitor/history";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { EXIT } from "../exit_status.ts";
import type { HistoryCommand } from "../command_line/history_command.ts";
import { type HistoryRecord, OUTAGE_FIELDS, outageRecord, UPTIME_FIELDS, uptimeRecord } from "../history/records.ts";
import { outageTable, uptimeTable } from "../history/tables.ts";
import { print } from "../output.ts";
import { writeRow } from "../reports/csv.ts";
import { UsageError } from "../usage_error.ts";

/**
 * Prints a report.
 *
 * @param command The command.
 * @returns The exit status: 0, with or without outages.
 * @throws {UsageError} If a target is unknown.
 * @throws {Error} If the file can't be read.
 */
export function history({ file, from, to, ids, isUptime, format }: HistoryCommand): number {
  using history = new HistoryFile(file);
  requireKnown(ids, history);
  const range: ReportRange = { from, to, ids: ids.length === 0 ? undefined : ids };
  if (isUptime) {
    const uptimes = history.uptimes(range);
    report(format, uptimes.map(uptimeRecord), UPTIME_FIELDS, () => uptimeTable(uptimes));
  } else {
    const outages = history.outages(range);
    report(format, outages.map(outageRecord), OUTAGE_FIELDS, () => outageTable(outages));
  }
  return EXIT.allUp;
}

function requireKnown(ids: readonly string[], history: HistoryFile): void {
  const known = new Set(history.ids());
  const unknown = ids.find((id) => !known.has(id));
  if (unknown !== undefined) {
    throw new UsageError(`The history has no target ${quote(unknown)}: leave out the ids to print all targets`);
  }
}

function report(
  format: HistoryCommand["format"],
  records: readonly HistoryRecord[],
  fields: readonly string[],
  lines: () => readonly string[],
): void {
  if (format === "json") { for (const record of records) print(JSON.stringify(record)); }
  else if (format === "csv") {
    writeRow(fields);
    for (const record of records) writeRow(fields.map((field) => record[field] ?? ""));
  } else for (const line of lines()) print(line);
}
