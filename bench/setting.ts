/** How a benchmark is run, and what its parts have in common. */

import type { Figures } from "./goals.ts";
import type { ProgramName, Programs } from "./programs.ts";

/** How a benchmark is run. */
export interface Setting {
  /** Whether each contestant runs in a network namespace of its own. */
  readonly isolated: boolean;
  /** How often each has its turn. */
  readonly rounds: number;
  /** By what the numbers of checks are multiplied. */
  readonly scale: number;
  readonly programs: Programs;
  /** Who had a turn that is void, once a turn. */
  readonly voids: string[];
}

/** One table of the report. */
export interface Table {
  /** What `--only` takes. */
  readonly name: string;
  readonly title: string;
  /** Whether nothing of it can be measured without a network namespace. */
  readonly isolated?: boolean;
  /** The program without which there is nothing to be measured. */
  readonly needs?: ProgramName;
  measure(setting: Setting): Promise<Measurements>;
}

/** What a table has to tell. */
export interface Measurements {
  /** Markdown. */
  readonly text: string;
  /** What goals are judged by. */
  readonly figures?: Figures;
}
