/** Parsing of a configuration's text, without reading the files that it names. It needs no permission. */

import * as v from "valibot";
import { compose } from "./compose.ts";
import { fileReferences } from "./file_references.ts";
import { InvalidTextError } from "./invalid_text_error.ts";
import { problemsOf } from "./issues.ts";
import { located } from "./located.ts";
import type { ParsedConfiguration } from "./parsed_configuration.ts";
import { ROOT } from "./schema/root.ts";
import { checkValidParts } from "./valid_parts.ts";
import { interpolate, type PathProblem, type Variables } from "./variables.ts";
import { parseYaml } from "./yaml.ts";
import { type Path, YamlPositions } from "./yaml_positions.ts";

/**
 * Parses a configuration.
 *
 * @param text The YAML text.
 * @param variables The values of the variables in the text.
 * @returns The configuration. {@linkcode readFiles} reads the files that it names.
 * @throws {InvalidTextError} If the text is invalid. The error lists all problems, with lines.
 * @throws {ConfigurationError} If the text is not YAML.
 */
export function parseText(text: string, variables: Variables): ParsedConfiguration {
  const document = parseYaml(text);
  const raw = document.value ?? {};
  const unset: PathProblem[] = [];
  const value = text.includes("${") ? interpolate(raw, variables, unset) : raw;
  const problems: PathProblem[] = [];
  const { success, output, issues } = v.safeParse(ROOT, value, { abortPipeEarly: true });
  if (success) {
    const configuration = compose(output, problems);
    if (problems.length === 0 && unset.length === 0) return configuration;
  } else {
    for (const issue of issues) problems.push(...problemsOf(issue, raw));
    checkValidParts(value, problems);
  }
  // Other problems of a value with an unset variable would mislead.
  const others = problems.filter(({ path }) => !unset.some((one) => startsWith(one.path, path)));
  const all = [...unset, ...others];
  const files = fileReferences(value).filter(({ path }) => !unset.some((one) => startsWith(one.path, path)));
  const places = new YamlPositions(document).places(all.map(({ path }) => path));
  throw new InvalidTextError(located(all, places), [...files]);
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((step, index) => path[index] === step);
}
