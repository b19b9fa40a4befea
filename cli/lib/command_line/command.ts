/** Commands: what the arguments mean. */

import type { MonitorOptions } from "@tcp-shaker/monitor";
import type { CheckAllOptions, CheckerOptions } from "@tcp-shaker/tcp-shaker";
import type { FleetCommand } from "./fleet_command.ts";
import type { FlagValues } from "./flags.ts";
import type { HubCommand } from "./hub_command.ts";
import type { FleetOptions } from "./fleet_options.ts";
import type { Format } from "../reports/formats.ts";
import type { HistoryCommand } from "./history_command.ts";
import type { Mode, NamedMode } from "../mode.ts";
import type { Status } from "../tally.ts";
import type { TargetSources } from "../targets/targets.ts";

/** A command that checks targets: the targets, the options of checks, and the output format. */
export interface Command {
  readonly mode: Exclude<Mode, "history" | "fleet" | "hub">;
  readonly sources: TargetSources;
  /** The options of each check. */
  readonly options: CheckAllOptions & { readonly timeout: number };
  /** The options of the checker. */
  readonly checker: CheckerOptions;
  readonly format: Format;
  /** The number of checks per target; `Infinity` for no end. */
  readonly rounds: number;
  /** Interval between the starts of two rounds, in ms. */
  readonly interval: number;
  readonly minUp: number | undefined;
  readonly verbose: boolean;
  readonly seed: number;
  readonly sort: NonNullable<FlagValues["sort"]>;
  readonly wait: WaitOptions;
  readonly scan: ScanOptions;
  readonly monitor: {
    /** Thresholds and intervals, in ms. */
    readonly options: MonitorOptions & { readonly interval: number };
    /** The program that runs for each change. */
    readonly exec: string | undefined;
    /** The configuration, instead of targets and options. */
    readonly config: string | undefined;
    /** The address of the HTTP server. */
    readonly listen: string | undefined;
    /** The file of the history. */
    readonly database: string | undefined;
    /** Whether the configuration is only checked. */
    readonly checkOnly: boolean;
    /** Options of an agent of a fleet. */
    readonly fleet: FleetOptions | undefined;
  };
}

/** Options of the mode `wait`. */
export interface WaitOptions {
  /** The state to wait for. */
  readonly expect: "up" | "down";
  /** Whether one target in the expected state is enough. */
  readonly any: boolean;
  /** In ms. */
  readonly deadline: number;
  /** The program to run afterwards, and its arguments; empty for none. */
  readonly command: readonly string[];
}

/** Options of the mode `scan`. */
export interface ScanOptions {
  /** The statuses whose results are printed; all if absent. */
  readonly only: readonly Status[] | undefined;
  /** Targets that get no SYN, as text: addresses, networks, ranges and names. */
  readonly exclude: readonly string[];
  /** Files of such targets. */
  readonly excludeFiles: readonly string[];
}

/** The administration of a fleet, without checks. */
export interface FleetInvocation {
  readonly fleet: FleetCommand;
}

/** A hub of a fleet. */
export interface HubInvocation {
  readonly hub: HubCommand;
}

/** A report from a history, without checks. */
export interface HistoryInvocation {
  readonly history: HistoryCommand;
}

/** A request for information, without checks. */
export type InfoCommand =
  | "version"
  | { readonly help: NamedMode | undefined }
  | { readonly completions: NonNullable<FlagValues["completions"]> };
