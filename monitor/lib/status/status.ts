/** Status of a monitor for the API and the page: snapshots, the latest events, and the history. */

import type { AgentView, MonitorView } from "../agent/view.ts";
import { EventLog } from "./event_log.ts";
import { type FleetSnapshot, SnapshotTaker } from "./fleet_snapshot.ts";
import { type HistorySource, MemoryHistory, type RecentSource } from "./memory_history.ts";

/** Maximum age of a snapshot in ms. */
const SNAPSHOT_MS = 1000;

/** Sources of the status. */
export type StatusSource = Pick<AgentView, "monitor" | "history" | "recent">;

/** Status of a monitor. */
export class Status implements AsyncDisposable {
  /** The start of this status, in ms since 1970. */
  readonly startedAt: number = Date.now();
  /** States of targets. */
  readonly monitor: MonitorView;
  /** The latest events. */
  readonly log: EventLog;
  /** The stored history, or the history in memory. */
  readonly history: HistorySource;
  /** Whether the history is stored. */
  readonly isStored: boolean;
  /** The recent results of targets. */
  readonly recent: RecentSource | undefined;
  readonly #snapshots: SnapshotTaker;
  #forgetting: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param source The sources.
   * @param boot The boot number, which grows with each start of the monitor.
   */
  constructor({ monitor, history, recent }: StatusSource, boot: number) {
    this.monitor = monitor;
    this.log = new EventLog(monitor.events(), boot);
    this.recent = recent;
    this.isStored = history !== undefined;
    this.history = history ?? new MemoryHistory(monitor, this.log, recent);
    this.#snapshots = new SnapshotTaker(() => monitor.states());
  }

  /** Returns the states of all targets: at most a second old, and never older than the last event. */
  async snapshot(): Promise<FleetSnapshot> {
    const snapshot = await this.#snapshots.take(this.log.version, SNAPSHOT_MS);
    this.#forgetting ??= setTimeout(() => {
      this.#forgetting = undefined;
      this.#snapshots.forget();
    }, SNAPSHOT_MS);
    return snapshot;
  }

  /** Returns whether no event after another one is missing; see {@linkcode HistoryReader.hasAllAfter}. */
  async hasAllAfter(id: string): Promise<boolean> {
    // The log may have events that are not stored yet.
    return this.log.after(id) !== undefined || await this.history.hasAllAfter(id);
  }

  /** Ends the reading of events. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#forgetting);
    await this.log[Symbol.asyncDispose]();
  }
}
