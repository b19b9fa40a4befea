/** Messages between a {@linkcode History} and its worker. */

import type { TargetState } from "../target_state.ts";
import type { Batch } from "./batch.ts";
import type { EventQuery, SeriesQuery, UptimeQuery } from "./reader.ts";
import type { ResolvedLimits } from "./retention.ts";

/** What the worker is asked for. Each request has one reply, in the same order. */
export type HistoryRequest =
  | { readonly type: "open"; readonly file: string; readonly limits: ResolvedLimits }
  | { readonly type: "start"; readonly boot: number }
  | { readonly type: "write"; readonly batch: Batch }
  | { readonly type: "events"; readonly query: EventQuery }
  | { readonly type: "series"; readonly id: string; readonly query: SeriesQuery }
  | { readonly type: "uptime"; readonly query: UptimeQuery }
  | { readonly type: "close" };

/** What the worker answers: a value, or the error in place of it. */
export type HistoryReply =
  | { readonly value: unknown }
  | { readonly error: { readonly name: string; readonly message: string } };

/** The value of `open`. */
export interface Opened {
  /** The states that the last monitor has left. */
  readonly states: TargetState[];
  /** The start of the last monitor. */
  readonly lastBoot: number;
  /** The position up to which the file has the results that other programs counted. */
  readonly position?: number;
}

/** The value of `write`. */
export interface Written {
  /** The size of the file in bytes. */
  readonly size: number;
}
