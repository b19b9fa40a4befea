/** Settings of a benchmark, and the interface of its tables. */

import type { Figures } from "./goals.ts";
import type { ProgramName, Programs } from "./programs.ts";

/** Settings of a benchmark. */
export interface Setting {
  /** Whether each contestant runs in its own network namespace. */
  readonly isolated: boolean;
  /** The number of trials of each contestant. */
  readonly rounds: number;
  /** Factor of the numbers of checks. */
  readonly scale: number;
  readonly programs: Programs;
  /** Names of contestants with invalid trials, one entry per trial. */
  readonly invalid: string[];
}

/** One table of the report. */
export interface Table {
  /** Its name for `--only`. */
  readonly name: string;
  readonly title: string;
  /** Whether it needs a network namespace. */
  readonly isolated?: boolean;
  /** The program that it needs. */
  readonly needs?: ProgramName;
  measure(setting: Setting): Promise<Measurements>;
}

/** The content of a table. */
export interface Measurements {
  /** Markdown. */
  readonly text: string;
  /** Figures that are compared with goals. */
  readonly figures?: Figures;
}
