/** Interface of configuration parsers, and the parser on the caller's thread. */

import { parseText } from "./parse.ts";
import type { ParsedConfiguration } from "./parsed_configuration.ts";
import type { Variables } from "./variables.ts";
import { type Path, type Place, placesOf } from "./yaml_positions.ts";

/** Parser of configurations. */
export interface ConfigurationParser {
  /** Like `parseText()`. */
  configuration(text: string, variables: Variables): Promise<ParsedConfiguration>;
  /** Like `placesOf()`. */
  places(text: string, paths: readonly Path[]): Promise<Place[]>;
}

/** Parser on this thread, for small texts, and before the first check. */
export const LOCAL_CONFIGURATION_PARSER: ConfigurationParser = {
  // deno-lint-ignore require-await -- thrown errors must reject
  configuration: async (text, variables) => parseText(text, variables),
  // deno-lint-ignore require-await -- thrown errors must reject
  places: async (text, paths) => placesOf(text, paths),
};
