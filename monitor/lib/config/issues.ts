/** Conversion of valibot's issues to problems. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import type * as v from "valibot";
import { isSecretKey } from "./schema/fields/secret.ts";
import { unknownKeys } from "./schema/fields/section.ts";
import type { PathProblem } from "./variables.ts";
import type { Path } from "./yaml_positions.ts";

/**
 * Converts an issue.
 *
 * @param issue The issue.
 * @param raw The document before interpolation. Messages quote it, because values of variables may be secrets.
 * @param parent The path that the issue's path is relative to.
 * @returns The problems. For a union, the problems of the alternative that matches best.
 */
export function problemsOf(issue: v.BaseIssue<unknown>, raw: unknown, parent: Path = []): PathProblem[] {
  const path = [...parent, ...pathOf(issue)];
  // Only an alternative of the right type has issues within the value.
  const inner = issue.type === "union" ? issue.issues?.filter((one) => one.path !== undefined) ?? [] : [];
  if (inner.length > 0) return inner.flatMap((one) => problemsOf(one, raw, path));
  const { message } = issue;
  // valibot treats a list as an object whose keys are the indices.
  if (issue.type === "strict_object" && Array.isArray(issue.path?.at(-1)?.input)) {
    const list = path.slice(0, -1);
    const isFirst = Number(path.at(-1)) === 0;
    return isFirst ? [{ path: list, message: `${pathText(list)}: must be a mapping, it is a list` }] : [];
  }
  const owner = issue.type === "strict_object" ? path.slice(0, -1) : path;
  const inOwner = (text: string) => owner.length > 0 ? `${pathText(owner)}: ${text}` : text;
  const unknown = unknownKeys(issue);
  if (unknown !== undefined) {
    return unknown.map(({ key, message }) => ({ path: [...owner, key], message: inOwner(message) }));
  }
  if (message.startsWith("must")) return [{ path, message: `${pathText(path)}: ${message}${valueText(path, raw)}` }];
  // Problems of a key belong to its mapping.
  return [{ path, message: inOwner(message) }];
}

/** Formats a path: `sinks[0].program`. */
export function pathText(path: Path): string {
  const text = path.map((step) => typeof step === "number" ? `[${step}]` : `.${step}`).join("");
  return text.replace(/^\./, "") || "The configuration";
}

function pathOf({ path }: v.BaseIssue<unknown>): Path {
  return (path ?? []).map(({ key }) => key as string | number);
}

/** Formats a value; empty for a secret, or without a value. */
function valueText(path: Path, raw: unknown): string {
  const key = path.findLast((step) => typeof step === "string");
  if (key !== undefined && isSecretKey(String(key).replace(/_file$/, ""))) return "";
  let value = raw;
  for (const step of path) value = (value as Record<string | number, unknown> | null | undefined)?.[step];
  if (value === undefined) return "";
  if (Array.isArray(value)) return ", it is a list";
  if (typeof value === "object" && value !== null) return ", it is a mapping";
  return `, it is ${value === null ? "empty" : quote(value)}`;
}
