/** Interpolation of `${VAR}` in string values. */

import type { Path } from "./yaml_positions.ts";

/** Matches a variable; its group is the name, which may be malformed. */
const REFERENCE = /\$\{([^}]*)\}/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Values of variables by name; `undefined` if a variable is not set, an error if it can't be read. */
export type Variables = Readonly<Record<string, string | undefined | { readonly error: string }>>;

/** A problem at a path. */
export interface PathProblem {
  /** The path of the value. */
  readonly path: Path;
  /** What is wrong, and what to do. */
  readonly message: string;
}

/**
 * Looks up all variables in a text.
 *
 * @param text The text.
 * @param environment Returns the value of a variable.
 * @returns The values.
 */
export function readVariables(text: string, environment: (name: string) => string | undefined): Variables {
  const names = new Set(Array.from(text.matchAll(REFERENCE), ([, name]) => name).filter((name) => NAME.test(name)));
  return Object.fromEntries(Array.from(names, (name) => {
    try {
      return [name, environment(name)];
    } catch (error) {
      return [name, { error: (error as Error).message }];
    }
  }));
}

/**
 * Replaces `${VAR}` in string values. Keys, numbers and the structure stay, so that a value can't inject YAML.
 *
 * @param value The value of a document, which is not modified.
 * @param variables The variables.
 * @param problems Where malformed and unset variables are added.
 * @param path The path of the value.
 * @returns The value with variables replaced; the same object if there are none.
 */
export function interpolate(value: unknown, variables: Variables, problems: PathProblem[], path: Path = []): unknown {
  if (typeof value === "string") return value.includes("${") ? replace(value, variables, problems, path) : value;
  if (typeof value !== "object" || value === null) return value;
  let copy: Record<string | number, unknown> | undefined;
  for (const [key, before] of Object.entries(value)) {
    if (typeof before === "number") continue;
    const after = interpolate(before, variables, problems, [...path, Array.isArray(value) ? Number(key) : key]);
    if (after === before) continue;
    copy ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string | number, unknown>;
    copy[key] = after;
  }
  return copy ?? value;
}

function replace(text: string, variables: Variables, problems: PathProblem[], path: Path): string {
  return text.replace(REFERENCE, (reference, name: string) => {
    const value = variables[name];
    if (typeof value === "string") return value;
    problems.push({ path, message: problemOf(name, value) });
    return reference;
  });
}

/** Returns the problem of a variable. A malformed variable is not quoted, because it may be part of a secret. */
function problemOf(name: string, value: undefined | { readonly error: string }): string {
  if (value !== undefined) return `Cannot read the environment variable ${name}: ${value.error}`;
  if (NAME.test(name)) return `The environment variable ${name} is not set: set it, or remove \${${name}}`;
  return "Malformed variable: write ${NAME}, without a default; move a secret that contains ${ to a file";
}
