/** Composition of a configuration from the sections of the file. */

import type * as v from "valibot";
import type { TargetListConfiguration } from "./configuration.ts";
import type { ParsedConfiguration } from "./parsed_configuration.ts";
import type { ROOT } from "./schema/root.ts";
import { resolveMonitorOptions } from "../options.ts";
import { snake } from "./values/camel_keys.ts";
import { inFileTerms } from "./file_terms.ts";
import { checkRepeatedFiles } from "./repeated_files.ts";
import { TargetComposer } from "./target_composer.ts";
import type { PathProblem } from "./variables.ts";

/** The output of the schema. */
export type Sections = v.InferOutput<typeof ROOT>;

/**
 * Composes a configuration.
 *
 * @param sections The sections.
 * @param problems Where problems are added that the schema can't find: in targets, ids, and contradictory options.
 * @returns The configuration, before its files are read.
 */
export function compose(sections: Sections, problems: PathProblem[]): ParsedConfiguration {
  const { monitor = {}, groups = {}, targets = [], database, probe, serve = {}, sinks = [] } = sections;
  checkOptions(monitor, problems);
  checkRepeatedFiles(sections, problems);
  const composer = new TargetComposer(monitor, groups, problems);
  return {
    monitor,
    groups,
    targets: targets.map((target, index) => composer.compose(target, index)),
    lists: lists(sections),
    ...database && { database },
    ...probe && { probe },
    serve,
    sinks,
  };
}

/** Adds the problems of contradictory options. */
export function checkOptions(monitor: ParsedConfiguration["monitor"], problems: PathProblem[]): void {
  try {
    resolveMonitorOptions(monitor);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    for (const problem of error.message.split("\n").slice(1)) {
      const [, option, rest] = inFileTerms(problem.trim()).match(/^([\w.]+)(.*)$/)!;
      const keys = option.split(".").map(snake);
      problems.push({ path: ["monitor", ...keys], message: `monitor.${keys.join(".")}${rest}` });
    }
  }
}

function lists({ fileSdConfigs = [], httpSdConfigs = [], targetFiles = [] }: Sections): TargetListConfiguration[] {
  return [
    ...fileSdConfigs.map((list) => ({ type: "file_sd", ...list } as const)),
    ...httpSdConfigs.map(({ url, ...list }) => ({ type: "http_sd", url: url!, ...list } as const)),
    ...targetFiles.map((list) => ({ type: "lines", ...list } as const)),
  ];
}
