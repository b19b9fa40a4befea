/** Options of groups. */

import type { MonitorTarget } from "../target.ts";
import type { GroupConfiguration } from "./configuration.ts";

/** Gives a target the options and labels of its group. Its own come first. */
export function withGroup(target: MonitorTarget, groups: Readonly<Record<string, GroupConfiguration>>): MonitorTarget {
  if (typeof target === "string" || target.group === undefined) return target;
  if (!Object.hasOwn(groups, target.group)) return target;
  const { labels, ...options } = groups[target.group];
  const merged = { ...options, ...target };
  return labels === undefined ? merged : { ...merged, labels: { ...labels, ...target.labels } };
}
