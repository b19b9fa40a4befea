/** Options of the verdict, and their defaults. */

import { type Bounds, checkChoice, checkNumber } from "./bounds.ts";
import { addUnknownOptions, type Problems } from "./problems.ts";
import type { Intervals } from "./schedule.ts";
import { MAX_WINDOW, type WindowOptions } from "./window.ts";

export type { WindowOptions } from "./window.ts";

/** Thresholds of the verdict, and of its flags. */
export interface VerdictOptions {
  /**
   * Number of consecutive passes until a target is up.
   *
   * @default {2}
   */
  rise?: number;
  /**
   * Number of consecutive failures until a target is down.
   *
   * @default {3}
   */
  fall?: number;
  /**
   * State before the first result. `"unknown"`: up after one pass, down after `fall` failures. `"fully-up"` and
   * `"fully-down"`: up or down, without contrary results so far. `"up"` and `"down"`: changes at the first contrary
   * result, as in HAProxy.
   *
   * @default {"unknown"}
   */
  initial?: "unknown" | "fully-up" | "up" | "down" | "fully-down";
  /**
   * Time without a passed or failed check after which the state becomes unknown, in ms; at least the longest of the
   * target's three intervals.
   *
   * @default {10 times the longest interval, at least 60_000}
   */
  staleAfter?: number;
  /**
   * A target that is up becomes degraded when `failures` of its last `of` results are failures, and stays degraded
   * until at most half as many are. `of` is at most 30.
   *
   * @default {{ failures: 3, of: 10 }}
   */
  window?: WindowOptions;
  /**
   * A target becomes flapping at `transitions` transitions within `within` ms, and stays flapping until it has less
   * than half as many.
   *
   * @default {{ transitions: 6, within: 600_000 }}
   */
  flap?: FlapOptions;
  /**
   * Number of consecutive failed reports after which `onError` applies.
   *
   * @default {10}
   */
  errorLimit?: number;
  /**
   * Effect of failed reports; each value also makes the next check due within `fastInterval`. `"fastinter"`: no further
   * effect. `"fail-check"`: the reports count as one failed check. `"sudden-death"`: as `"fail-check"`, and after one
   * more failed check the target is down. `"mark-down"`: the target is down.
   *
   * @default {"fail-check"}
   */
  onError?: "fastinter" | "fail-check" | "sudden-death" | "mark-down";
}

/** Limits of the flag flapping. */
export interface FlapOptions {
  /** The number of transitions. */
  readonly transitions: number;
  /** The time window, in ms. */
  readonly within: number;
}

/** All options, with every default filled in. */
export type ResolvedVerdictOptions = Readonly<Required<VerdictOptions>>;

/** Default options. `staleAfter` is the default for intervals of up to 6 s. */
export const DEFAULT_VERDICT: ResolvedVerdictOptions = {
  rise: 2,
  fall: 3,
  initial: "unknown",
  staleAfter: 60_000,
  window: { failures: 3, of: 10 },
  flap: { transitions: 6, within: 600_000 },
  errorLimit: 10,
  onError: "fail-check",
};

const INITIAL = ["unknown", "fully-up", "up", "down", "fully-down"] as const;
const ON_ERROR = ["fastinter", "fail-check", "sudden-death", "mark-down"] as const;
const STALE_INTERVALS = 10;
const POSITIVE: Bounds = { min: 1, isInteger: true };

/**
 * Validates options and fills in the defaults.
 *
 * @param options The given options.
 * @param intervals The target's intervals in ms.
 * @param problems Where problems are added.
 * @returns The options to use, if there are no problems.
 */
export function resolveVerdict(
  options: VerdictOptions,
  { interval, fastInterval, downInterval }: Intervals,
  problems: Problems,
): ResolvedVerdictOptions {
  const defaults = DEFAULT_VERDICT;
  // With any of the intervals, a state must not become stale between two checks.
  const longest = Math.max(interval, fastInterval, downInterval);
  const check = (name: "rise" | "fall" | "errorLimit") =>
    checkNumber(name, options[name] ?? defaults[name], POSITIVE, problems);
  const { window = defaults.window, flap = defaults.flap, initial, onError } = options;
  const { staleAfter = Math.max(STALE_INTERVALS * longest, defaults.staleAfter) } = options;
  addUnknownOptions("window", window ?? {}, ["failures", "of"], problems);
  addUnknownOptions("flap", flap ?? {}, ["transitions", "within"], problems);
  const of = checkNumber("window.of", window?.of, { min: 1, max: MAX_WINDOW, isInteger: true }, problems);
  return {
    rise: check("rise"),
    fall: check("fall"),
    initial: checkChoice("initial", initial ?? defaults.initial, INITIAL, problems),
    staleAfter: checkNumber("staleAfter", staleAfter, { min: longest }, problems),
    window: {
      failures: checkNumber("window.failures", window?.failures, { ...POSITIVE, max: of }, problems),
      of,
    },
    flap: {
      transitions: checkNumber("flap.transitions", flap?.transitions, POSITIVE, problems),
      within: checkNumber("flap.within", flap?.within, { min: 1 }, problems),
    },
    errorLimit: check("errorLimit"),
    onError: checkChoice("onError", onError ?? defaults.onError, ON_ERROR, problems),
  };
}
