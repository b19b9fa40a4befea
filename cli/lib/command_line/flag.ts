/** An option of the command line. */

import { type Mode, MODES_WITHOUT_TARGETS } from "../mode.ts";
import type { ValueType } from "./values.ts";

/** An option. */
export interface Flag {
  /** The one-letter name. */
  readonly short?: string;
  /** The type of the value; absent without a value. */
  readonly value?: ValueType<unknown>;
  /** Whether the option may be repeated. */
  readonly multiple?: true;
  /** Whether the value is a path, for completions. */
  readonly isPath?: true;
  /** The modes with this option; all modes with targets by default. */
  readonly modes?: readonly Mode[];
  readonly group: Group;
  readonly help: string;
}

/** Groups of options, in the order of the help. */
export const GROUPS = [
  "Options for targets",
  "Options for checks",
  "Options for packets",
  "Options of rounds (-i), wait, watch and monitor",
  "Options of wait",
  "Options of watch",
  "Options of watch and monitor",
  "Options of monitor",
  "Options of monitor and hub",
  "Options of monitor, hub and history",
  "Options of history",
  "Options of fleets",
  "Options of monitor in a fleet",
  "Options of hub",
  "Options of fleet",
  "Options of scan",
  "Output",
  "Other",
] as const;

/** A group of options. */
export type Group = typeof GROUPS[number];

/** Whether an option works with a mode. */
export function worksWith({ modes, group }: Flag, mode: Mode): boolean {
  return modes?.includes(mode) ?? (group === "Other" || !MODES_WITHOUT_TARGETS.includes(mode));
}
