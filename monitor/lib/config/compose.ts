/** Composition of a configuration from the sections of the file. */

import type * as v from "valibot";
import type { TargetListConfiguration } from "./configuration.ts";
import { pathText } from "./issues.ts";
import type { ParsedConfiguration } from "./parsed_configuration.ts";
import type { ROOT } from "./schema/root.ts";
import { Problems } from "../problems.ts";
import { type MonitorTarget, type TargetOptions, TargetResolver } from "../target.ts";
import { resolveMonitorOptions } from "../options.ts";
import { snake } from "./camel_keys.ts";
import { withAddress } from "./with_address.ts";
import { withGroup } from "./with_group.ts";
import type { PathProblem } from "./variables.ts";
import type { Path } from "./yaml_positions.ts";
import { quote } from "@tcp-shaker/tcp-shaker/quote";

/** The sections, as the schema outputs them. */
export type Sections = v.InferOutput<typeof ROOT>;

/**
 * Composes a configuration.
 *
 * @param sections The sections.
 * @param problems Where problems are added that the schema can't see: targets, ids, options that contradict each other.
 * @returns The configuration, whose files were not read yet.
 */
export function compose(sections: Sections, problems: PathProblem[]): ParsedConfiguration {
  const { monitor = {}, groups = {}, targets = [], database, probe, serve = {}, sinks = [] } = sections;
  const grouped = targets.map((target) => withGroup(target, groups));
  checkOptions(monitor, problems);
  const canonical = canonicalTargets(grouped, monitor, problems);
  return {
    monitor,
    groups,
    targets: canonical,
    lists: lists(sections),
    ...database && { database },
    ...probe && { probe },
    serve,
    sinks,
  };
}

function checkOptions(monitor: ParsedConfiguration["monitor"], problems: PathProblem[]): void {
  try {
    resolveMonitorOptions(monitor);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    for (const problem of error.message.split("\n").slice(1)) {
      const [, option, rest] = problem.match(/^\s*([\w.]+)(.*)$/)!;
      const keys = option.split(".").map(snake);
      problems.push({ path: ["monitor", ...keys], message: `monitor.${keys.join(".")}${rest}` });
    }
  }
}

/** Validates targets, and converts their addresses to canonical form, which is the default id. */
function canonicalTargets(
  targets: readonly MonitorTarget[],
  monitor: TargetOptions,
  problems: PathProblem[],
): MonitorTarget[] {
  const resolver = new TargetResolver(monitor, new Problems());
  const indices = new Map<string, number>();
  return targets.map((given, index) => {
    const path = ["targets", index];
    const found = new Problems();
    const settings = resolver.resolveOne(given, found);
    if (settings === undefined) {
      problems.push(...found.messages.map((problem) => ({ path, message: `${pathText(path)}: ${problem}` })));
      return given;
    }
    const { id, target } = settings;
    const first = indices.get(id);
    if (first === undefined) indices.set(id, index);
    else problems.push({ path, message: `${pathText(path)}: ${sameId(id, ["targets", first])}` });
    return withAddress(given, target);
  });
}

function sameId(id: string, first: Path): string {
  return `the id ${quote(id)} is that of ${pathText(first)} too: give one of them another id`;
}

function lists({ fileSdConfigs = [], httpSdConfigs = [], targetFiles = [] }: Sections): TargetListConfiguration[] {
  return [
    ...fileSdConfigs.map((list) => ({ type: "file_sd", ...list } as const)),
    ...httpSdConfigs.map(({ url, ...list }) => ({ type: "http_sd", url: url!, ...list } as const)),
    ...targetFiles.map((list) => ({ type: "lines", ...list } as const)),
  ];
}
