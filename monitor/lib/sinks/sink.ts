/** Interface of sinks: consumers of a monitor's events that send them to another program. */

import type { MonitorEvent } from "../event.ts";

export type { StateSource } from "../state_source.ts";

/** A consumer of a monitor's events. */
export interface Sink extends AsyncDisposable {
  /**
   * Takes an event. It returns at once: an event that can't be delivered yet waits in a bounded queue of the sink, so
   * that a slow receiver never delays checks.
   *
   * @param event The event.
   */
  take(event: MonitorEvent): void;
  /** Counts of the sink so far. */
  statistics(): SinkStatistics;
}

/** Takes a message that says what a sink could not do, and why. */
export type OnSinkFailure = (message: string) => void;

/** Counts of a sink. */
export interface SinkStatistics {
  /** Deliveries that the receiver has accepted. */
  readonly delivered: number;
  /** Attempts to deliver that failed. */
  readonly failed: number;
  /** Notifications that were dropped, because the queue was full or a newer one replaced them. */
  readonly dropped: number;
  /** Notifications that wait or are under way. */
  readonly waiting: number;
}
