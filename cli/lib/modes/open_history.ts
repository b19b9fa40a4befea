/** Opens the history of `monitor` without a configuration file. */

import type { History } from "@tcp-shaker/monitor/history";
import { printError } from "../output.ts";

/**
 * Opens a history. The module is loaded only if a file is given.
 *
 * @param file The path; `undefined` for no history.
 */
export async function openHistory(file: string | undefined): Promise<History | undefined> {
  if (file === undefined) return undefined;
  const { History } = await import("@tcp-shaker/monitor/history");
  return await History.open({ file }, (message) => printError(`tcp-checker: ${message}`));
}
