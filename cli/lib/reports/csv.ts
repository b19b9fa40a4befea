/** CSV (RFC 4180): a header, and CRLF line ends. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { write } from "../output.ts";
import type { CheckRequest } from "../target.ts";
import { FIELDS, resultRecord } from "./record.ts";
import type { Report } from "./report.ts";

/** Prints each result as a row. */
export class CsvReport implements Report {
  constructor() {
    writeRow(FIELDS);
  }

  add(request: CheckRequest, result: CheckResult): void {
    const record = resultRecord(request, result);
    writeRow(FIELDS.map((field) => record[field] ?? ""));
  }

  end(): void {}
}

/** Writes a row. Control and format characters are escaped, including line ends within a field. */
export function writeRow(values: readonly (string | number | boolean)[]): void {
  write(`${printable(values.map((value) => quoteField(String(value))).join(","))}\r\n`);
}

/** Quotes a field if necessary, because the zone of an IPv6 address may contain commas and quotes. */
function quoteField(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
