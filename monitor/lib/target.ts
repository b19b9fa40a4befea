/** Targets, and their resolved settings. */

import type { CheckDefaults, CheckTarget, HostPort } from "@tcp-shaker/tcp-shaker";
import type { IntervalOptions, ResolvedIntervals } from "./schedule_options.ts";
import type { ResolvedVerdictOptions, VerdictOptions } from "./verdict_options.ts";

/** Options of a target. By default those of the monitor apply. */
export interface TargetOptions extends VerdictOptions, IntervalOptions {
  /**
   * The address family to check; 0 for both.
   *
   * @default {0}
   */
  family?: 0 | 4 | 6;
  /** Which addresses of a name are probed; see `CheckOptions.resolve` of `@tcp-shaker/tcp-shaker`. */
  resolve?: "any" | "first";
}

/** A target with its own identity and options. */
export interface MonitorTargetOptions extends TargetOptions {
  /** The host and port to check. */
  target: CheckTarget;
  /**
   * Identity of the target in events and states, unique in a monitor.
   *
   * @default {"host:port", in canonical form}
   */
  id?: string;
  /**
   * The group in which storms are detected.
   *
   * @default {""}
   */
  group?: string;
  /** Labels, copied to events and states. */
  labels?: Record<string, string>;
}

/** A target: `"host:port"`, or an object. */
export type MonitorTarget = string | MonitorTargetOptions;

/** A target with every default filled in. */
export interface TargetSettings {
  readonly id: string;
  /** `"host:port"`, in canonical form. */
  readonly target: string;
  readonly endpoint: HostPort;
  readonly group: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly verdict: ResolvedVerdictOptions;
  readonly intervals: ResolvedIntervals;
  readonly check: CheckDefaults;
}

/** The names of {@linkcode TargetOptions}. The compiler checks by `satisfies` that none is missing. */
export const OPTION_NAMES = Object.keys(
  {
    rise: 1,
    fall: 1,
    initial: 1,
    staleAfter: 1,
    window: 1,
    flap: 1,
    errorLimit: 1,
    onError: 1,
    interval: 1,
    fastInterval: 1,
    downInterval: 1,
    timeout: 1,
    family: 1,
    resolve: 1,
  } satisfies Record<keyof TargetOptions, 1>,
) as (keyof TargetOptions)[];

/** Returns the id of a target of a configuration or a list, whose address is in canonical form. */
export function idOf(target: MonitorTarget): string {
  return typeof target === "string" ? target : target.id ?? target.target as string;
}
