/** Opening of the history of the modes `monitor` without a configuration, and `monitor` with `--fleet`. */

import type { History } from "@tcp-shaker/monitor/history";
import { printError } from "../output.ts";

/**
 * Opens a history. Its module is loaded only if there is a file.
 *
 * @param file The path; `undefined` for no history.
 */
export async function openHistory(file: string | undefined): Promise<History | undefined> {
  if (file === undefined) return undefined;
  const { History } = await import("@tcp-shaker/monitor/history");
  return await History.open({ file }, (message) => printError(`tcp-checker: ${message}`));
}
