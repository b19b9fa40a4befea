/** Options of a monitor, and their defaults. */

import type { CheckerOptions } from "@tcp-shaker/tcp-shaker";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { checkNumber } from "./bounds.ts";
import { addCheckerProblems } from "./checker_problems.ts";
import { addUnknownOptions, Problems } from "./problems.ts";
import { checkStates } from "./saved_states.ts";
import type { StormOptions } from "./storm.ts";
import { TargetResolver } from "./target_resolver.ts";
import { OPTION_NAMES, type TargetOptions } from "./target.ts";
import type { TargetState } from "./target_state.ts";
import type { TroubleOptions } from "./trouble.ts";

/** Options of {@linkcode Monitor.start}: defaults of all targets, and options of the monitor itself. */
export interface MonitorOptions extends TargetOptions, CheckerOptions {
  /** Ends the monitor. */
  signal?: AbortSignal;
  /** States to restore, by the targets' ids, from {@linkcode Monitor.states}. States of other ids are ignored. */
  restore?: Iterable<TargetState>;
  /** Limits of a storm: many targets go down at about the same time. */
  storm?: Partial<StormOptions>;
  /** Limits of trouble: most results are neutral. */
  trouble?: Partial<TroubleOptions>;
  /**
   * Jitter of the time between two checks, as a share of the interval: 0 to 0.5.
   *
   * @default {0.05}
   */
  spread?: number;
  /**
   * Seed of the targets' phases within the interval.
   *
   * @default {0}
   */
  seed?: number;
}

/** Valid options, grouped by the part that uses them. */
export interface ResolvedMonitorOptions {
  readonly targets: TargetResolver;
  readonly checker: CheckerOptions;
  readonly storm: Partial<StormOptions>;
  readonly trouble: Partial<TroubleOptions>;
  readonly spread: number;
  readonly seed: number;
  readonly rate: number;
  readonly signal: AbortSignal | undefined;
  readonly restore: readonly TargetState[];
}

/** Default spread: the time between two slots is `interval * (1 ± spread)`. */
export const DEFAULT_SPREAD = 0.05;
/** Options of the monitor itself. */
const OWN_NAMES = [...OPTION_NAMES, "signal", "restore", "storm", "trouble", "spread", "seed"] as const;
/** Options of the checker that targets don't have. The compiler checks by `satisfies` that none is missing. */
const CHECKER_NAMES = Object.keys(
  {
    allow: 1,
    details: 1,
    engine: 1,
    fallback: 1,
    interface: 1,
    mark: 1,
    queueTimeout: 1,
    rate: 1,
    source: 1,
    synRetries: 1,
    threads: 1,
    tos: 1,
    zeroLinger: 1,
  } satisfies Record<Exclude<keyof CheckerOptions, keyof TargetOptions>, 1>,
);

/**
 * Validates options and fills in the defaults.
 *
 * @throws {RangeError} If numbers are out of range, and nothing else is wrong. The message lists all problems.
 * @throws {TypeError} If options are of the wrong type or malformed. The message lists all problems.
 */
export function resolveMonitorOptions(options: MonitorOptions): ResolvedMonitorOptions {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`Cannot start a monitor: options must be an object, it is ${quote(options)}`);
  }
  const { signal, restore = [], storm = {}, trouble = {}, spread = DEFAULT_SPREAD, seed = 0 } = options;
  const problems = new Problems();
  addUnknownOptions("a monitor", options, [...OWN_NAMES, ...CHECKER_NAMES], problems);
  const targets = new TargetResolver(options, problems);
  checkNumber("spread", spread, { min: 0, max: 0.5 }, problems);
  checkNumber("seed", seed, { min: 0, max: 2 ** 32 - 1, isInteger: true }, problems);
  checkLimits("storm", storm, problems);
  checkLimits("trouble", trouble, problems);
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    problems.add(`signal must be an AbortSignal, it is ${quote(signal)}`);
  }
  const states = checkStates(restore, problems);
  const checker = checkerOptions(options);
  addCheckerProblems(checker, problems);
  const { messages, areOfRange } = problems;
  if (messages.length > 0) {
    const message = ["Cannot start a monitor:", ...messages].join("\n  ");
    throw areOfRange ? new RangeError(message) : new TypeError(message);
  }
  return {
    targets,
    checker,
    storm: { ...storm },
    trouble: { ...trouble },
    spread,
    seed,
    rate: options.rate ?? Infinity,
    signal,
    restore: states,
  };
}

function checkerOptions(options: MonitorOptions): CheckerOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => CHECKER_NAMES.includes(name)));
}

/** Validates the limits of storms or of trouble. */
function checkLimits(
  name: "storm" | "trouble",
  limits: Partial<StormOptions & TroubleOptions>,
  problems: Problems,
): void {
  if (typeof limits !== "object" || limits === null) {
    return problems.add(`${name} must be an object, it is ${quote(limits)}`);
  }
  addUnknownOptions(name, limits, ["share", "minimum", "within"], problems);
  const { share, minimum, within } = limits;
  checkShare(`${name}.share`, share, problems);
  if (minimum !== undefined) checkNumber(`${name}.minimum`, minimum, { min: 1, isInteger: true }, problems);
  if (within !== undefined) checkNumber(`${name}.within`, within, { min: 1 }, problems);
}

function checkShare(name: string, value: number | undefined, problems: Problems): void {
  if (value === undefined || (typeof value === "number" && value > 0 && value <= 1)) return;
  const problem = `${name} must be above 0 and at most 1, it is ${quote(value)}`;
  if (typeof value === "number") problems.addOfRange(problem);
  else problems.add(problem);
}
