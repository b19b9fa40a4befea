/** Formats that are the same in every mode. */

import type { Format } from "../command.ts";
import { Csv } from "./csv.ts";
import { JsonLines } from "./json.ts";
import { QUIET, type Report } from "./report.ts";

/**
 * Gives the report of a format that doesn't depend on the mode.
 *
 * @param format The format.
 * @returns The report; `undefined` if the mode has to choose one.
 */
export function formatReport(format: Format): Report | undefined {
  switch (format) {
    case "quiet":
      return QUIET;
    case "json":
      return new JsonLines();
    case "csv":
      return new Csv();
    default:
      return undefined;
  }
}
