/** Options of groups. */

import type { MonitorTarget } from "../target.ts";
import type { GroupConfiguration } from "./configuration.ts";

/** Returns a target with the options and labels of its group, which its own override. */
export function withGroup(target: MonitorTarget, groups: Readonly<Record<string, GroupConfiguration>>): MonitorTarget {
  if (typeof target === "string" || target.group === undefined) return target;
  if (!Object.hasOwn(groups, target.group)) return target;
  const { labels, ...options } = groups[target.group];
  const merged = { ...options, ...target };
  return labels === undefined ? merged : { ...merged, labels: { ...labels, ...target.labels } };
}
