/** What a monitor sends to the writer of the history. */

import type { State } from "../state.ts";
import type { Maintenance } from "../target_state.ts";

/** States by number, as they are sent. */
export const STATES: readonly State[] = ["unknown", "up", "down", "maintenance"];

/** Fields of a row of {@linkcode Batch.minutes}: RTTs in ms, `NaN` without passes; times in ms. */
export const MINUTE_FIELDS = 11;
/** Fields of a row of {@linkcode Batch.states}. */
export const STATE_FIELDS = 10;

/** What is written in one transaction. Targets are named by slots, which are numbers. */
export interface Batch {
  /** The wall clock when it was made, in ms since 1970. */
  readonly at: number;
  /** Slots that have got a target, before anything else here: a slot is used again when its target was removed. */
  names: SlotName[];
  /** Events, in order. */
  readonly events: readonly EventRow[];
  /**
   * Counters of targets for the next start, {@linkcode STATE_FIELDS} numbers each: slot, state, since, checks, failures,
   * neutral, reports, transitions, sum of RTTs, downtime.
   */
  readonly states: Float64Array;
  /** Maintenances under way, of targets in `states`. */
  readonly maintenances: readonly (readonly [slot: number, maintenance: Maintenance])[];
  /** Slots whose targets were removed. */
  readonly removed: readonly number[];
  /** Whether `states` has all targets: others are forgotten. */
  readonly isComplete: boolean;
  /** Rows of a minute; absent between minutes. */
  readonly minutes?: MinuteRows;
  /** Results that other programs counted, in minutes that have ended. Their times in states are 0. */
  readonly counted: readonly MinuteRows[];
  /** The position up to which `counted` and the batches before have all results; absent if it is unknown. */
  readonly position?: number;
  /** Whether it is the last one, at the end of the monitor. */
  readonly isLast: boolean;
}

/** A slot, and its target. */
export type SlotName = readonly [slot: number, id: string, target: string];

/** An event to write. */
export interface EventRow {
  readonly sequence: number;
  readonly at: number;
  /** The target; absent if the event is about none. */
  readonly slot?: number;
  readonly json: string;
}

/** Rows of one minute. */
export interface MinuteRows {
  /** The wall clock at the begin, in ms since 1970. */
  readonly from: number;
  /**
   * {@linkcode MINUTE_FIELDS} numbers per target: slot, pass, fail, neutral, shortest RTT, longest RTT, sum of RTTs, up,
   * down, unknown, maintenance.
   */
  readonly rows: Float64Array;
}
