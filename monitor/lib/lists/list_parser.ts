/** Interface of parsers of target lists. */

import type { MonitorTarget } from "../target.ts";
import type { ListFormat } from "./parse_list.ts";

/** Parser of target lists. */
export interface ListParser {
  /** Like `parseList()`. */
  list(text: string, format: ListFormat): Promise<MonitorTarget[]>;
}
