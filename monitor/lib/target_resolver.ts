/** Resolver: validates targets, and fills in their defaults. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { type CheckDefaults, formatTarget } from "@tcp-shaker/tcp-shaker";
import { parseEndpoint } from "./endpoint.ts";
import { addUnknownOptions, Problems } from "./problems.ts";
import { resolveIntervals } from "./schedule_options.ts";
import { InvalidTargetsError, targetsError } from "./target_errors.ts";
import { resolveVerdict } from "./verdict_options.ts";
import {
  type MonitorTarget,
  type MonitorTargetOptions,
  OPTION_NAMES,
  type TargetOptions,
  type TargetSettings,
} from "./target.ts";

/** Settings that targets without own options share, to save memory. */
type Shared = Pick<TargetSettings, "verdict" | "intervals" | "check">;

const NO_LABELS: Readonly<Record<string, string>> = Object.freeze({});
const OPTIONS = new Set<string>(OPTION_NAMES);
const IDENTITY = new Set(["target", "id", "group", "labels"]);
const TARGET_NAMES = [...OPTIONS, ...IDENTITY];

/** Finds the current settings of a target by its id. */
export type FindSettings = (id: string) => TargetSettings | undefined;

const findNothing: FindSettings = () => undefined;

/** Resolves targets against the defaults of one monitor. */
export class TargetResolver {
  readonly #defaults: TargetOptions;
  readonly #shared: Shared;

  /**
   * @param defaults The defaults of the targets' options.
   * @param problems Where problems of the defaults are added.
   */
  constructor(defaults: TargetOptions, problems: Problems) {
    this.#defaults = pick(defaults);
    this.#shared = resolveShared(this.#defaults, problems);
  }

  /** Returns a resolver with other defaults; the same one if they are equal. */
  withDefaults(defaults: TargetOptions, problems: Problems): TargetResolver {
    const isSame = JSON.stringify(pick(defaults)) === JSON.stringify(this.#defaults);
    return isSame ? this : new TargetResolver(defaults, problems);
  }

  /**
   * Resolves targets.
   *
   * @param targets The targets.
   *   * @returns The settings by id, in order.
   * @throws {TargetsOutOfRangeError} If options are out of range, and nothing else is wrong.
   * @throws {InvalidTargetsError} If a target is malformed, or ids are not unique.
   */
  resolve(targets: Iterable<MonitorTarget>): Map<string, TargetSettings> {
    const settings = new Map<string, TargetSettings>();
    for (const _ of this.steps(targets, settings));
    return settings;
  }

  /**
   * Resolves targets, one per step.
   *
   * @param targets The targets.
   *   * @param settings Where the settings are added by id, in order. Unchanged settings are the same object.
   * @param find Finds the current settings.
   * @throws {InvalidTargetsError} At the end, if a target is malformed, or ids are not unique.
   */
  *steps(
    targets: Iterable<MonitorTarget>,
    settings: Map<string, TargetSettings>,
    find: FindSettings = findNothing,
  ): Generator<void, void> {
    if (typeof targets === "string" || typeof targets?.[Symbol.iterator] !== "function") {
      throw new InvalidTargetsError([
        `targets must be an iterable of targets, such as an array, it is ${quote(targets)}`,
      ]);
    }
    const problems = new Problems();
    //    // Texts of targets whose ids differ from the text.
    const texts = new Map<string, string>();
    for (const target of targets) {
      const resolved = this.resolveOne(target, problems, find);
      if (resolved !== undefined) {
        const { id } = resolved;
        const text = textOf(target);
        if (settings.has(id)) problems.add(repeated(id, texts.get(id) ?? id, text));
        else if (text !== id) texts.set(id, text);
      }
      if (resolved !== undefined) settings.set(resolved.id, resolved);
      yield;
    }
    if (problems.messages.length > 0) throw targetsError(problems);
  }

  /**
   * Resolves one target.
   *
   * @param given The target.
   *   * @param all Where the problems are added, prefixed with the target's name.
   * @param find Finds the current settings, so that unchanged targets are not parsed again.
   * @returns The settings; `undefined` if there are problems.
   */
  resolveOne(given: MonitorTarget, all: Problems, find: FindSettings = findNothing): TargetSettings | undefined {
    const options = typeof given === "object" && given !== null ? given : { target: given };
    const problems = new Problems();
    const { hasOptions, hasUnknown } = kindsOf(options);
    if (hasUnknown) addUnknownOptions("a target", options, TARGET_NAMES, problems);
    const { id, group = "", labels = NO_LABELS } = options;
    const known = find(id ?? options.target as string);
    const current = known?.target === options.target ? known : undefined;
    const endpoint = current?.endpoint ?? parseEndpoint(options.target, problems);
    const canonical = current?.target ?? (endpoint === undefined ? quote(options.target) : formatTarget(endpoint));
    //    // Reuses the given string instead of an equal one, to save memory.
    const target = options.target === canonical ? options.target : canonical;
    if (id !== undefined) checkId(id, problems);
    if (typeof group !== "string") problems.add(`group must be a string, it is ${quote(group)}`);
    if (!isLabels(labels)) problems.add(`labels must be an object of strings, it is ${quote(labels)}`);
    const shared = hasOptions ? resolveShared({ ...this.#defaults, ...pick(options) }, problems) : this.#shared;
    if (problems.messages.length > 0 || endpoint === undefined) {
      all.addOf(id === undefined && endpoint === undefined ? canonical : quote(id ?? target), problems);
      return undefined;
    }
    const isSame = current?.group === group && current.check === shared.check && areEqual(current.labels, labels);
    if (isSame) return current;
    return { id: id ?? target, target, endpoint, group, labels: copyOf(labels), ...shared };
  }
}

/** Validates a given id, which is used in URLs and as a program argument. */
function checkId(id: unknown, problems: Problems): void {
  if (typeof id !== "string" || id === "") {
    problems.add(`id must be a string that is not empty, it is ${quote(id)}`);
  } else if (id === "." || id === ".." || !id.isWellFormed()) {
    //    // URL parsers remove dot segments, also percent-encoded ones, and lone surrogates can't be encoded.
    problems.add(`id must not be ${quote(id)}, which can't be part of a URL: choose another id`);
  } else if (id.startsWith("-")) {
    problems.add(`id must not begin with "-", which programs treat as an option, it is ${quote(id)}`);
  } else if (id.includes("\0")) {
    problems.add(`id must not contain a NUL character, because program arguments can't, it is ${quote(id)}`);
  }
}

/** Returns the given id of a target; without an id, the text of its address. */
function textOf(target: MonitorTarget): string {
  return typeof target === "string" ? target : target.id ?? formatTarget(target.target);
}

/** Returns the problem of two targets with the same id. Their texts may differ, because names are case-insensitive. */
function repeated(id: string, first: string, second: string): string {
  const both = first === second ? "" : `: ${quote(first)} and ${quote(second)} are the same target`;
  return `${quote(id)}: the id is not unique${both}`;
}

/** Returns whether there are options of the verdict or the schedule, and whether there are unknown options. */
function kindsOf(options: MonitorTargetOptions): { hasOptions: boolean; hasUnknown: boolean } {
  let [hasOptions, hasUnknown] = [false, false];
  for (const name of Object.keys(options)) {
    if (OPTIONS.has(name)) hasOptions ||= options[name as keyof TargetOptions] !== undefined;
    else hasUnknown ||= !IDENTITY.has(name);
  }
  return { hasOptions, hasUnknown };
}

function resolveShared(options: TargetOptions, problems: Problems): Shared {
  const intervals = resolveIntervals(options, problems);
  const { family, resolve } = options;
  if (family !== undefined && family !== 0 && family !== 4 && family !== 6) {
    const problem = `family must be 0, 4 or 6, it is ${quote(family)}`;
    if (typeof family === "number") problems.addOfRange(problem);
    else problems.add(problem);
  }
  if (resolve !== undefined && resolve !== "any" && resolve !== "first") {
    problems.add(`resolve must be "any" or "first", it is ${quote(resolve)}`);
  }
  const check: CheckDefaults = { timeout: intervals.timeout };
  if (family !== undefined) check.family = family;
  if (resolve !== undefined) check.resolve = resolve;
  return { verdict: resolveVerdict(options, intervals, problems), intervals, check };
}

/** Returns only the given options of a target. */
function pick(options: TargetOptions): TargetOptions {
  const given = OPTION_NAMES.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]);
  return Object.fromEntries(given);
}

/** Whether labels are equal. */
function areEqual(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  if (one === other) return true;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

/** Copies labels, because the caller may change the object. The copy is frozen, because readers of events share it. */
function copyOf(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return labels === NO_LABELS ? labels : Object.freeze({ ...labels });
}

function isLabels(labels: unknown): labels is Record<string, string> {
  return typeof labels === "object" && labels !== null && !Array.isArray(labels) &&
    Object.values(labels).every((value) => typeof value === "string");
}
