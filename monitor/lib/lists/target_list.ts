/** Interface of target lists. */

import type { ListParser } from "./list_parser.ts";
import type { MonitorTarget } from "../target.ts";
import type { ListFormat } from "./parse_list.ts";

/** Owner of a target list. */
export interface ListOwner {
  /** Parses the text of a list. */
  parse(...args: Parameters<ListParser["list"]>): ReturnType<ListParser["list"]>;
  /** Defaults of the list's targets. */
  readonly format: Omit<ListFormat, "syntax">;
  /** Called after each read that changed something. */
  readonly onRead: () => void;
}

/** Target list that is read repeatedly. */
export interface TargetList extends AsyncDisposable {
  /** The list's name in states and messages, without secrets. */
  readonly name: string;
  /** The targets of the last successful read. */
  readonly targets: Iterable<MonitorTarget>;
  /** The number of these targets. */
  readonly size: number;
  /** Why the last read failed; `undefined` if it succeeded. */
  readonly problem: string | undefined;
  /** When the list was last read, successfully or not, in ms since 1970; `undefined` before the first read. */
  readonly readAt: number | undefined;
  /** Reads the list, and reads it again whenever it may have changed. Never rejects. */
  start(): Promise<void>;
}

/** Whether a text has the same targets in two formats. */
export function formatsAreEqual(one: ListOwner["format"], other: ListOwner["format"]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
