/** Interface of the stored history: events, series of a target, uptime. */

import type { Uptime } from "./uptime.ts";

/** Reader of the stored history. A call rejects with an `Error` while the store is unavailable. */
export interface HistoryReader {
  /** The boot number, which grows with each start of the monitor. Ids of events begin with it. */
  readonly boot: number;
  /** The state of the store. */
  status(): HistoryStatus;
  /** Reads events in chronological order. */
  events(query: EventQuery): Promise<StoredEvent[]>;
  /**
   * Returns whether an event and the 10,000 after it are all stored. Some are missing if they were deleted, if they
   * could not be written, or if a run since then was killed.
   *
   * @param id The event's id; the sequence 0 means the start of a run.
   * @returns `false` also if the id is unknown or malformed.
   */
  hasAllAfter(id: string): Promise<boolean>;
  /**
   * Reads the series of a target: one point per step of `[from, to)`. Without history all values are 0.
   *
   * @param id The target's id.
   * @param query The time range, and the length of a step.
   * @returns The points, oldest first.
   */
  series(id: string, query: SeriesQuery): Promise<SeriesPoint[]>;
  /**
   * Adds up the time that targets were in each state in `[from, to)`.
   *
   * @param query The time range, and the targets.
   * @returns Times by the target's id. Targets without history in this range are absent.
   */
  uptime(query: UptimeQuery): Promise<Map<string, Uptime>>;
}

/** Filter of {@linkcode HistoryReader.events}. Times are in ms since 1970. */
export interface EventQuery {
  /** Reads events after the event with this id; with `newestFirst`, before it. */
  readonly after?: string;
  /** Reads only events of the target with this id. */
  readonly target?: string;
  /** Reads events at this time or later. */
  readonly from?: number;
  /** Reads events before this time. */
  readonly to?: number;
  /** Maximum number of events to read. */
  readonly limit: number;
  /** Reads from the newest event to the oldest one. */
  readonly newestFirst?: boolean;
}

/** A stored event. */
export interface StoredEvent {
  /**
   * `boot-sequence`: {@linkcode HistoryReader.boot} of the monitor's run, and the event's sequence. They are compared
   * as numbers: `2-10` is after `2-9`.
   */
  readonly id: string;
  /** The wall clock of the event, in ms since 1970. */
  readonly at: number;
  /** The event as JSON on one line, from {@linkcode eventJson}. */
  readonly json: string;
}

/** Time range and resolution of {@linkcode HistoryReader.series}. Times are in ms since 1970. */
export interface SeriesQuery {
  /** The start of the first step. It is rounded down to a multiple of `step`. */
  readonly from: number;
  /** The end of the last step (exclusive). */
  readonly to: number;
  /**
   * The length of a step in ms, a multiple of a minute. Where minutes are no longer stored, the first step of an hour
   * or day has the whole count, and the other steps are empty.
   */
  readonly step: number;
}

/** Results and states of a target in one step. */
export interface SeriesPoint {
  /** The start of the step, in ms since 1970. */
  readonly at: number;
  /** Number of checks that passed. */
  readonly pass: number;
  /** Number of checks that failed. */
  readonly fail: number;
  /** Number of neutral checks. */
  readonly neutral: number;
  /** The shortest round-trip time in ms; absent if no check passed. */
  readonly rttMin?: number;
  /** The mean round-trip time in ms; absent if no check passed. */
  readonly rttMean?: number;
  /** The longest round-trip time in ms; absent if no check passed. */
  readonly rttMax?: number;
  /** Time up in ms. If the sum of the four times is less than the step, no monitor ran for the rest. */
  readonly up: number;
  /** Time down in ms. */
  readonly down: number;
  /** Time in the state `"unknown"`, in ms. */
  readonly unknown: number;
  /** Time in maintenance in ms. */
  readonly maintenance: number;
}

/** Time range and targets of {@linkcode HistoryReader.uptime}. Times are in ms since 1970. */
export interface UptimeQuery {
  /** The start of the time range. */
  readonly from: number;
  /** The end of the time range (exclusive). */
  readonly to: number;
  /** The targets' ids; all targets by default. */
  readonly ids?: readonly string[];
}

/** The state of the store. */
export interface HistoryStatus {
  /** The path of the file. */
  readonly file: string;
  /** Why the store is unavailable; absent if the last write succeeded. */
  readonly problem?: string;
  /** Number of writes that failed since the start. */
  readonly failures: number;
  /** Number of events and rows that were dropped since the start, because the store was unavailable for too long. */
  readonly dropped: number;
  /** Size of the file in bytes at the last write. */
  readonly size: number;
  /** When the file was last written, in ms since 1970; absent before the first write. */
  readonly writtenAt?: number;
}
