/** Target groups of Prometheus' service discovery (file_sd, http_sd). */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import type { MonitorTarget } from "../target.ts";
import { RESERVED_LABELS } from "../config/values/label_name.ts";
import { isMapping } from "../is_mapping.ts";
import { ListError } from "./list_error.ts";

/** Prometheus' labels that set the group, by precedence. */
const GROUP_LABELS = ["group", "job"] as const;
/** Valid label names in Prometheus. */
const LABEL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Converts target groups. The label `group`, or else `job`, is the group. `instance` and labels that start with `__`
 * are left out, because Prometheus sets the first itself, and drops the others after relabelling.
 *
 * @param groups A parsed list of `{ targets: ["host:port"], labels: { name: "value" } }`.
 * @returns Yields the targets.
 * @throws {ListError} If the list is invalid.
 */
export function* parseTargetGroups(groups: unknown): Generator<MonitorTarget, void> {
  if (!Array.isArray(groups)) throw new ListError("The content is not a list of target groups");
  for (const [index, group] of groups.entries()) yield* parseGroup(group, `[${index}]`);
}

function* parseGroup(value: unknown, path: string): Generator<MonitorTarget, void> {
  if (!isMapping(value)) throw new ListError(`${path}: must be a mapping with targets and labels`);
  const { targets = [], labels = {}, ...unknown } = value;
  const [key] = Object.keys(unknown);
  if (key !== undefined) throw new ListError(`${path}: Unknown key ${quote(key)}: known are targets, labels`);
  if (!Array.isArray(targets)) throw new ListError(`${path}.targets: must be a list of "host:port"`);
  if (!isMapping(labels)) throw new ListError(`${path}.labels: must be a mapping of strings`);
  const { group, own } = parseLabels(labels, path);
  for (const [index, target] of targets.entries()) {
    if (typeof target !== "string") throw new ListError(`${path}.targets[${index}]: must be "host:port"`);
    yield group === undefined && own === undefined
      ? target
      : { target, ...group && { group }, ...own && { labels: own } };
  }
}

function parseLabels(labels: Record<string, unknown>, path: string) {
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(labels)) {
    if (typeof value !== "string") throw new ListError(`${path}.labels: ${quote(name)} must be a string: quote it`);
    if (!LABEL_NAME.test(name)) throw new ListError(`${path}.labels: ${quote(name)} is not a valid label name`);
    if (name.startsWith("__") || name === "instance" || GROUP_LABELS.some((one) => one === name)) continue;
    if (RESERVED_LABELS.includes(name)) {
      throw new ListError(`${path}.labels: ${quote(name)} is reserved for the metrics: rename the label`);
    }
    own[name] = value;
  }
  const group = GROUP_LABELS.map((name) => labels[name] as string | undefined).find((value) => value);
  return { group, own: Object.keys(own).length > 0 ? own : undefined };
}
