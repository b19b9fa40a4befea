/** Parses the arguments of the mode `history`. */

import type { FlagValues } from "./flags.ts";
import type { Format } from "../reports/formats.ts";
import { UsageError } from "../usage_error.ts";

/** Command of the mode `history`. */
export interface HistoryCommand {
  /** The path of the database. */
  readonly file: string;
  /** The time range in ms since 1970; the whole history by default. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** The ids of targets; all targets if there are none. */
  readonly ids: readonly string[];
  /** Whether uptime per month is printed, instead of outages. */
  readonly isUptime: boolean;
  readonly format: Format;
}

/**
 * Parses the arguments.
 *
 * @param values The options.
 * @param ids The arguments that are not options.
 * @param format The format.
 * @returns The command.
 * @throws {UsageError} If no database is given, or the range is empty.
 */
export function parseHistory(values: FlagValues, ids: readonly string[], format: Format): HistoryCommand {
  const { database, from, to, uptime = false } = values;
  if (database === undefined) throw new UsageError("No database given: add --database FILE");
  if (from !== undefined && to !== undefined && from >= to) {
    throw new UsageError("--from is not before --to: swap them");
  }
  return { file: database, from, to, ids, isUptime: uptime, format };
}
