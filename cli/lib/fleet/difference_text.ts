/** Formats the difference between two target lists. */

import type { ListDifference, ListedTarget } from "@tcp-shaker/fleet/admin";
import { printable } from "@tcp-shaker/tcp-shaker/quote";

/** Maximum number of lines per kind of change. */
const SHOWN = 20;

/**
 * Formats a difference: a line per change, marked `+`, `-` or `~`, then a summary.
 *
 * @param difference The difference.
 * @returns The lines.
 */
export function differenceText({ added, removed, changed, options }: ListDifference): string {
  return [
    ...options.map(({ name, before, after }) => `~ ${name}: ${value(before)} -> ${value(after)}`),
    ...shown(removed, (target) => `- ${targetText(target)}`),
    ...shown(added, (target) => `+ ${targetText(target)}`),
    ...shown(changed, ({ before, after }) => `~ ${targetText(before)} -> ${targetText(after)}`),
    `${added.length} added, ${removed.length} removed, ${changed.length} changed`,
  ].join("\n");
}

function shown<T>(changes: readonly T[], line: (change: T) => string): string[] {
  const lines = changes.slice(0, SHOWN).map(line);
  return changes.length > SHOWN ? [...lines, `  and ${changes.length - SHOWN} more`] : lines;
}

function targetText({ id, target, ...options }: ListedTarget): string {
  const rest = Object.keys(options).length === 0 ? "" : ` ${JSON.stringify(options)}`;
  return printable(id === target ? `${id}${rest}` : `${id} (${target})${rest}`);
}

function value(value: unknown): string {
  return value === undefined ? "default" : printable(JSON.stringify(value));
}
