/** Batch: the data that a monitor sends to the writer of its history, for one transaction. */

import type { State } from "../state.ts";
import type { Maintenance } from "../target_state.ts";

/**
 * States by their number in a batch.
 *
 * The list is duplicated, because the writer's worker must not import values from outside of this folder: users permit
 * Deno to read only this folder.
 */
export const STATES: readonly State[] = ["unknown", "up", "down", "maintenance"];

/** Number of fields in a row of {@linkcode Batch.minutes}. RTTs are in ms, `NaN` without passes; times are in ms. */
export const MINUTE_FIELDS = 11;
/** Number of fields in a row of {@linkcode Batch.states}. */
export const STATE_FIELDS = 10;

/** Content of one transaction. A slot is a small number that represents a target. */
export interface Batch {
  /** Time of the batch, in ms since 1970. */
  readonly at: number;
  /** New targets of slots, applied first: a slot is reused after its target was removed. */
  names: SlotName[];
  /** Events, in order. */
  readonly events: readonly EventRow[];
  /**
   * States to restore at the next start, {@linkcode STATE_FIELDS} numbers per target: slot, state, since, checks,
   * failures, neutral, reports, transitions, sum of RTTs, downtime.
   */
  readonly states: Float64Array;
  /** Current maintenances of targets in `states`. */
  readonly maintenances: readonly (readonly [slot: number, maintenance: Maintenance])[];
  /** Slots whose targets were removed. */
  readonly removed: readonly number[];
  /** Whether `states` contains all targets, so that the stored states of others are deleted. */
  readonly isComplete: boolean;
  /** Rows of the minute that has ended; absent if none has. */
  readonly minutes?: MinuteRows;
  /** Results counted by other programs, in minutes that have ended. Their times in states are 0. */
  readonly counted: readonly MinuteRows[];
  /** The source position up to which this and earlier batches have all results; absent if unknown. */
  readonly position?: number;
  /** Whether it is the last batch of the monitor. */
  readonly isLast: boolean;
}

/** A slot, and its target. */
export type SlotName = readonly [slot: number, id: string, target: string];

/** An event to write. */
export interface EventRow {
  readonly sequence: number;
  readonly at: number;
  /** The target; absent if the event is not about a target. */
  readonly slot?: number;
  readonly json: string;
}

/** Rows of one minute. */
export interface MinuteRows {
  /** The start by the wall clock, in ms since 1970. */
  readonly from: number;
  /**
   * {@linkcode MINUTE_FIELDS} numbers per target: slot, pass, fail, neutral, shortest RTT, longest RTT, sum of RTTs,
   * up, down, unknown, maintenance.
   */
  readonly rows: Float64Array;
}
