/** Interface of parsers of configurations and target lists, and the parser on the caller's thread. */

import { type ConfigurationParser, LOCAL_CONFIGURATION_PARSER } from "../config/parser.ts";
import type { ListParser } from "../lists/list_parser.ts";
import { parseList } from "../lists/parse_list.ts";

/** Parser of configurations and target lists. */
export interface Parser extends ConfigurationParser, ListParser {}

/** Parser on this thread, for small texts, and before the first check. */
export const LOCAL_PARSER: Parser = {
  ...LOCAL_CONFIGURATION_PARSER,
  // deno-lint-ignore require-await -- thrown errors must reject
  list: async (text, format) => parseList(text, format),
};
