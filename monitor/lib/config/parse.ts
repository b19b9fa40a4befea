/** Parsing of a configuration's text, apart from the files that it names. It needs no permission. */

import * as v from "valibot";
import { compose } from "./compose.ts";
import { problemsOf } from "./issues.ts";
import type { ParsedConfiguration } from "./parsed_configuration.ts";
import { ConfigurationError } from "./problem.ts";
import { ROOT } from "./schema/root.ts";
import { interpolate, type PathProblem, type Variables } from "./variables.ts";
import { parseYaml, type YamlDocument } from "./yaml.ts";
import { byPlace, YamlPositions } from "./yaml_positions.ts";

/**
 * Parses a configuration.
 *
 * @param text The YAML text.
 * @param variables The values of the variables that it mentions.
 * @returns The configuration. {@linkcode readFiles} reads the files that it names.
 * @throws {ConfigurationError} If anything is wrong. It lists all problems, with lines.
 */
export function parseText(text: string, variables: Variables): ParsedConfiguration {
  const document = parseYaml(text);
  const problems: PathProblem[] = [];
  const raw = document.value ?? {};
  const value = text.includes("${") ? interpolate(raw, variables, problems) : raw;
  const { success, output, issues } = v.safeParse(ROOT, value);
  if (!success) problems.push(...issues.flatMap((issue) => problemsOf(issue, raw)));
  const configuration = success ? compose(output, problems) : undefined;
  if (problems.length > 0) throw located(problems, document);
  return configuration!;
}

/** Adds the lines to problems, and sorts by them. */
function located(problems: readonly PathProblem[], document: YamlDocument): ConfigurationError {
  const positions = new YamlPositions(document);
  const places = problems.map(({ path, message }) => ({ message, ...positions.place(path) }));
  return new ConfigurationError(places.toSorted(byPlace));
}
