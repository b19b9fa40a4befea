/** Parsers of configurations and lists. */

import type { ParsedConfiguration } from "./config/parsed_configuration.ts";
import { parseText } from "./config/parse.ts";
import type { Variables } from "./config/variables.ts";
import { type Path, type Place, placesOf } from "./config/yaml_positions.ts";
import { type ListFormat, parseList } from "./lists/parse_list.ts";
import type { MonitorTarget } from "./target.ts";

/** Parses texts. */
export interface Parser {
  /** Parses a configuration, as `parseText()`. */
  configuration(text: string, variables: Variables): Promise<ParsedConfiguration>;
  /** Finds the places of a configuration's values, as `placesOf()`. */
  places(text: string, paths: readonly Path[]): Promise<Place[]>;
  /** Parses a list, as `parseList()`. */
  list(text: string, format: ListFormat): Promise<MonitorTarget[]>;
}

/** Parser on this thread, without slices: for small texts, and before the first check. */
export const LOCAL_PARSER: Parser = {
  // deno-lint-ignore require-await -- what it throws must reject
  configuration: async (text, variables) => parseText(text, variables),
  // deno-lint-ignore require-await -- what it throws must reject
  places: async (text, paths) => placesOf(text, paths),
  // deno-lint-ignore require-await -- what it throws must reject
  list: async (text, format) => parseList(text, format),
};
