/** Parsing of the text of a list. */

import { FAILSAFE_SCHEMA, load, YAMLException } from "js-yaml";
import { Problems } from "../problems.ts";
import { TargetResolver } from "../target_resolver.ts";
import type { MonitorTarget, TargetOptions } from "../target.ts";
import type { GroupConfiguration } from "../config/configuration.ts";
import { inFileTerms } from "../config/file_terms.ts";
import { withAddress } from "../config/with_address.ts";
import { withGroup } from "../config/with_group.ts";
import { runAtOnce } from "../time_slices.ts";
import { parseLines } from "./lines.ts";
import { ListError } from "./list_error.ts";
import { parseTargetGroups } from "./target_groups.ts";

/** Format of a list, and defaults of its targets. */
export interface ListFormat {
  /** The syntax. */
  readonly syntax: "json" | "yaml" | "lines";
  /** The group of targets for which the list sets none. */
  readonly group?: string;
  /** Labels of targets for which the list does not set them. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Options of groups. */
  readonly groups: Readonly<Record<string, GroupConfiguration>>;
  /** Defaults of all targets. */
  readonly defaults: TargetOptions;
}

/**
 * Parses a list, one target per step. The first step parses JSON and YAML.
 *
 * @param text The text.
 * @param format The list's format.
 * @returns Valid targets, with addresses in canonical form. Ids may repeat.
 * @throws {ListError} If the list or any target is invalid.
 */
export function* listSteps(text: string, format: ListFormat): Generator<void, MonitorTarget[]> {
  const { group, labels, groups, defaults } = format;
  const resolver = new TargetResolver(defaults, new Problems());
  const targets: MonitorTarget[] = [];
  for (const given of parseSyntax(text, format)) {
    const target = withGroup(withDefaults(given, group, labels), groups);
    // Lines have canonical addresses and equal options, so only the first one is validated.
    const isChecked = format.syntax === "lines" && targets.length > 0;
    targets.push(isChecked ? target : accepted(target, resolver));
    yield;
  }
  return targets;
}

/** Validates a target, and returns it with its canonical address. */
function accepted(target: MonitorTarget, resolver: TargetResolver): MonitorTarget {
  const problems = new Problems();
  const settings = resolver.resolveOne(target, problems);
  if (settings === undefined) throw new ListError(problems.messages.map(inFileTerms).join("; "));
  return withAddress(target, settings.target);
}

/** Parses a list like {@linkcode listSteps}, in one go. */
export function parseList(text: string, format: ListFormat): MonitorTarget[] {
  return runAtOnce(listSteps(text, format));
}

function parseSyntax(text: string, { syntax }: ListFormat): Generator<MonitorTarget, void> {
  switch (syntax) {
    case "lines":
      return parseLines(text);
    case "json":
      return parseTargetGroups(parseJson(text));
    case "yaml":
      return parseTargetGroups(parseYamlList(text));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The message may quote the text, which is not secret.
    throw new ListError(`Invalid JSON: ${(error as Error).message}`);
  }
}

/** Parses YAML with all scalars as strings, like Prometheus. */
function parseYamlList(text: string): unknown {
  try {
    return text.trim() === "" ? [] : load(text, { schema: FAILSAFE_SCHEMA });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { reason, mark } = error;
    throw new ListError(`Invalid YAML${mark == null ? "" : ` in line ${mark.line + 1}`}: ${reason}`);
  }
}

function withDefaults(
  target: MonitorTarget,
  group: string | undefined,
  labels: Readonly<Record<string, string>> | undefined,
): MonitorTarget {
  if (group === undefined && labels === undefined) return target;
  const options = typeof target === "string" ? { target } : target;
  return {
    ...group !== undefined && { group },
    ...options,
    ...labels && { labels: { ...labels, ...options.labels } },
  };
}
