/** Comma-separated values, as RFC 4180 has them: with a header, and CRLF at the end of lines. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { write } from "../output.ts";
import type { Request } from "../targets/target.ts";
import { FIELDS, resultRecord } from "./record.ts";
import type { Report } from "./report.ts";

/** Prints each result as a row. */
export class Csv implements Report {
  constructor() {
    writeRow(FIELDS);
  }

  take(request: Request, result: CheckResult): void {
    const record = resultRecord(request, result);
    writeRow(FIELDS.map((field) => record[field] ?? ""));
  }

  end(): void {}
}

function writeRow(values: readonly (string | number)[]): void {
  write(`${values.map((value) => quoted(String(value))).join(",")}\r\n`);
}

/** Zones of IPv6 addresses may have commas and quotes. */
function quoted(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
