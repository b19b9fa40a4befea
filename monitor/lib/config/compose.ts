/** Composition of a configuration from the sections of the file. */

import type * as v from "valibot";
import type { Configuration, GroupConfiguration, TargetListConfiguration } from "./configuration.ts";
import { pathText } from "./issues.ts";
import type { ROOT } from "./schema/root.ts";
import { InvalidTargetsError, type MonitorTarget, type TargetOptions, TargetResolver } from "../target.ts";
import { resolveMonitorOptions } from "../options.ts";
import { snake } from "./camel_keys.ts";
import type { PathProblem } from "./variables.ts";

/** The sections, as the schema outputs them. */
export type Sections = v.InferOutput<typeof ROOT>;

/**
 * Composes a configuration.
 *
 * @param sections The sections.
 * @param problems Where problems are added that the schema can't see: targets, ids, options that contradict each other.
 * @returns The configuration. Its secrets are references still.
 */
export function compose(sections: Sections, problems: PathProblem[]): Configuration {
  const { monitor = {}, groups = {}, targets = [], probe, serve = {}, sinks = [] } = sections;
  const grouped = targets.map((target) => withGroup(target, groups));
  checkOptions(monitor, problems);
  checkTargets(grouped, monitor, problems);
  return { monitor, groups, targets: grouped, lists: lists(sections), ...probe && { probe }, serve, sinks };
}

/** Gives a target the options and labels of its group. Its own come first. */
export function withGroup(target: MonitorTarget, groups: Readonly<Record<string, GroupConfiguration>>): MonitorTarget {
  if (typeof target === "string" || target.group === undefined) return target;
  if (!Object.hasOwn(groups, target.group)) return target;
  const { labels, ...options } = groups[target.group];
  const merged = { ...options, ...target };
  return labels === undefined ? merged : { ...merged, labels: { ...labels, ...target.labels } };
}

function checkOptions(monitor: Configuration["monitor"], problems: PathProblem[]): void {
  try {
    resolveMonitorOptions(monitor);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    for (const problem of error.message.split("\n").slice(1)) {
      const [, option, rest] = problem.match(/^\s*([\w.]+)(.*)$/)!;
      const keys = option.split(".").map(snake);
      problems.push({ path: ["monitor", ...keys], message: `monitor.${keys.join(".")}${rest}` });
    }
  }
}

function checkTargets(targets: readonly MonitorTarget[], monitor: TargetOptions, problems: PathProblem[]): void {
  const resolver = new TargetResolver(monitor, []);
  const indices = new Map<string, number>();
  targets.forEach((target, index) => {
    const path = ["targets", index];
    try {
      const [id] = resolver.resolve([target]).keys();
      const first = indices.get(id);
      if (first === undefined) indices.set(id, index);
      else {
        problems.push({
          path,
          message: `${pathText(path)}: the id ${id} is that of ${
            pathText(["targets", first])
          } too: give one another id`,
        });
      }
    } catch (error) {
      if (!(error instanceof InvalidTargetsError)) throw error;
      problems.push(...error.problems.map((problem) => ({ path, message: `${pathText(path)}: ${problem}` })));
    }
  });
}

function lists({ fileSdConfigs = [], httpSdConfigs = [], targetFiles = [] }: Sections): TargetListConfiguration[] {
  return [
    ...fileSdConfigs.map((list) => ({ type: "file_sd", ...list } as const)),
    ...httpSdConfigs.map(({ url, ...list }) => ({ type: "http_sd", url: url!, ...list } as const)),
    ...targetFiles.map((list) => ({ type: "lines", ...list } as const)),
  ];
}
