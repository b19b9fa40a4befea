/** Lines of a chunk: one target per line, as JSON with sorted keys, so that equal targets have equal lines. */

import type { MonitorTarget, MonitorTargetOptions } from "@tcp-shaker/monitor";

/** A target of a list. */
export interface ListedTarget extends MonitorTargetOptions {
  /** `"host:port"`, in canonical form. */
  readonly target: string;
  /** The target's identity. */
  readonly id: string;
}

/**
 * Adds the id to a target.
 *
 * @param target The target. Its address is a string in canonical form.
 * @returns The target.
 */
export function listed(target: MonitorTarget): ListedTarget {
  if (typeof target === "string") return { id: target, target };
  const address = target.target as string;
  return { ...target, target: address, id: target.id ?? address };
}

/** Formats a target as a line. */
export function formatLine({ id, target, ...options }: ListedTarget): string {
  const rest = Object.entries(options).filter(([, value]) => value !== undefined);
  if (rest.length === 0 && id === target) return JSON.stringify(id);
  return JSON.stringify({
    id,
    target,
    ...Object.fromEntries(rest.sort(byKey).map(([key, value]) => [key, sorted(value)])),
  });
}

/** Parses a line. */
export function parseLine(line: string): ListedTarget {
  return listed(JSON.parse(line));
}

/** Sorts the keys of all objects in a value. Options of targets have no arrays. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(byKey).map(([key, value]) => [key, sorted(value)]));
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
