/** Interface of the stored history: events, series of a target, uptime. */

import type { Uptime } from "./uptime.ts";

/** Reader of the stored history. A call rejects with an `Error` while the store is unavailable. */
export interface HistoryReader {
  /** The start of the monitor: a number that grows from start to start. Ids of its events begin with it. */
  readonly boot: number;
  /** The state of the store. */
  status(): HistoryStatus;
  /** Reads events in the order in which they happened. */
  events(query: EventQuery): Promise<StoredEvent[]>;
  /**
   * Tells whether an event and the 10,000 after it are all there. Some are missing if they were deleted, if they could
   * not be written, or if a run since then was killed.
   *
   * @param id The event's id; the sequence 0 stands for the start of a run.
   * @returns `false` also if the id is unknown or malformed.
   */
  hasAllAfter(id: string): Promise<boolean>;
  /**
   * Reads the series of a target: one point for each step of `[from, to)`. A target without history has points of 0.
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
  /** Reads events after the one with this id; `newestFirst` makes it events before it. */
  readonly after?: string;
  /** Reads events of the target with this id only. */
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
   * `boot-sequence`: {@linkcode HistoryReader.boot} of the monitor that had the event, and the event's sequence.
   * Numbers are compared, not text: `2-10` is after `2-9`.
   */
  readonly id: string;
  /** The wall clock of the event, in ms since 1970. */
  readonly at: number;
  /** The event's JSON, as {@linkcode eventJson} writes it: an object on one line. */
  readonly json: string;
}

/** Time range and resolution of {@linkcode HistoryReader.series}. Times are in ms since 1970. */
export interface SeriesQuery {
  /** The begin of the first step. It is rounded down to a multiple of `step`. */
  readonly from: number;
  /** The end of the last step, which is excluded. */
  readonly to: number;
  /**
   * The length of a step in ms, a multiple of a minute. Where minutes are no longer stored, the first step of each hour
   * or day has its whole count, and the other steps are empty.
   */
  readonly step: number;
}

/** Results and states of a target in one step. */
export interface SeriesPoint {
  /** The begin of the step, in ms since 1970. */
  readonly at: number;
  /** Number of checks that passed. */
  readonly pass: number;
  /** Number of checks that failed. */
  readonly fail: number;
  /** Number of neutral checks, which give no information about the target. */
  readonly neutral: number;
  /** The shortest round trip time in ms; absent if no check passed. */
  readonly rttMin?: number;
  /** The mean round trip time in ms; absent if no check passed. */
  readonly rttMean?: number;
  /** The longest round trip time in ms; absent if no check passed. */
  readonly rttMax?: number;
  /** Time up in ms. The four times add up to the step, or to less: the rest is a gap, in which no monitor ran. */
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
  /** The begin of the time range. */
  readonly from: number;
  /** The end of the time range, which is excluded. */
  readonly to: number;
  /** The targets' ids; all targets by default. */
  readonly ids?: readonly string[];
}

/** The state of the store. */
export interface HistoryStatus {
  /** The path of the file. */
  readonly file: string;
  /** Why the store is unavailable at present; absent if the last write succeeded. */
  readonly problem?: string;
  /** Number of writes that failed since the start. */
  readonly failures: number;
  /** Number of events and rows that were dropped since the start, because the store was unavailable for too long. */
  readonly dropped: number;
  /** Size of the file in bytes at the last write. */
  readonly size: number;
  /** When it was last written, in ms since 1970; absent if it never was. */
  readonly writtenAt?: number;
}
