/** Interface of sinks, which send a monitor's events to other programs. */

import type { MonitorEvent } from "../event.ts";

export type { StateSource } from "../state_source.ts";

/** A consumer of a monitor's events. */
export interface Sink extends AsyncDisposable {
  /**
   * Queues an event for delivery, and returns at once. The queue is bounded.
   *
   * @param event The event.
   */
  take(event: MonitorEvent): void;
  /** Counts of the sink. */
  statistics(): SinkStatistics;
}

/** Default time limit for closing a sink, in ms, because an agent ends within 2 s of a signal. */
export const CLOSE_TIMEOUT_MS = 1000;

/** Called with a message when a sink fails: the failed action and the reason. */
export type OnSinkFailure = (message: string) => void;

/** Counts of a sink. */
export interface SinkStatistics {
  /** Number of accepted deliveries. */
  readonly delivered: number;
  /** Number of failed attempts. */
  readonly failed: number;
  /** Number of notifications dropped, because the queue was full or a newer notification replaced them. */
  readonly dropped: number;
  /** Number of notifications that are queued or being sent. */
  readonly waiting: number;
}
