/** Messages between a {@linkcode History} and its worker. */

import type { TargetState } from "../target_state.ts";
import type { Batch } from "./batch.ts";
import type { EventQuery, SeriesQuery, UptimeQuery } from "./reader.ts";
import type { ResolvedLimits } from "./retention.ts";

/** Request to the worker. Replies are in the order of the requests. */
export type HistoryRequest =
  | { readonly type: "open"; readonly file: string; readonly limits: ResolvedLimits }
  | { readonly type: "start"; readonly boot: number }
  | { readonly type: "write"; readonly batch: Batch }
  | { readonly type: "events"; readonly query: EventQuery }
  | { readonly type: "hasAllAfter"; readonly id: string; readonly boot: number }
  | { readonly type: "series"; readonly id: string; readonly query: SeriesQuery }
  | { readonly type: "uptime"; readonly query: UptimeQuery }
  | { readonly type: "close" };

/** Reply of the worker: a value, or an error. */
export type HistoryReply =
  | { readonly value: unknown }
  | { readonly error: { readonly name: string; readonly message: string } };

/** Reply to `open`. */
export interface Opened {
  /** The stored states of the last monitor. */
  readonly states: TargetState[];
  /** The boot number of the last monitor. */
  readonly lastBoot: number;
  /** The source position up to which the file has counted results. */
  readonly position?: number;
}

/** Reply to `write`. */
export interface Written {
  /** The size of the file in bytes. */
  readonly size: number;
}
