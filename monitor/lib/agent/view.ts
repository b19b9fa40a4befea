/** What the HTTP server of an agent reads, and what it may ask for. */

import type { Configuration } from "../config/configuration.ts";
import type { ConfigurationProblem } from "../config/problem.ts";
import type { MonitorEvent } from "../event.ts";
import type { HistoryReader } from "../history/reader.ts";
import type { ListStatus } from "../lists/list_status.ts";
import type { MonitorStatistics } from "../monitor.ts";
import type { RecentResults } from "../series/recent_results.ts";
import type { SinkStatistics } from "../sinks/sink.ts";
import type { StateSource } from "../state_source.ts";
import type { Maintenance } from "../target_state.ts";

/** The outcome of the last load of the configuration. */
export interface ReloadStatus {
  /** Whether the last attempt was successful. */
  readonly isSuccessful: boolean;
  /** When a configuration was last taken over, in ms since 1970. */
  readonly succeededAt: number;
  /** Why the last attempt failed; empty if it didn't. */
  readonly problems: readonly ConfigurationProblem[];
}

/** A sink of the agent. */
export interface SinkStatus extends SinkStatistics {
  /** The type of the sink. */
  readonly type: string;
  /** Its number among the sinks of the configuration, from 0. */
  readonly index: number;
}

/** States and events of targets. A `Monitor` has them all; a program that collects states from others may lack some. */
export interface MonitorView extends StateSource {
  /** Reads the events from now on; see `Monitor.events`. */
  events(options?: { signal?: AbortSignal }): AsyncIterableIterator<MonitorEvent>;
  /** Returns the counters of the checks; absent if other programs make the checks. */
  statistics?(): MonitorStatistics;
  /** Takes what real traffic saw of a target; absent if other programs make the checks. */
  report?(id: string, ok: boolean): boolean;
  /** Begins or ends the maintenance of a target; absent if other programs make the checks. */
  setMaintenance?(id: string, on: boolean, maintenance?: Maintenance): boolean;
}

/** What the HTTP server reads, and what it may ask for. An `Agent` is one. */
export interface AgentView {
  /** States, events and, as far as there are any, statistics, reports and maintenance. It stays the same through a reload. */
  readonly monitor: MonitorView;
  /** The configuration in force. */
  readonly configuration: Configuration;
  /** The outcome of the last load of the configuration. */
  readonly reloadStatus: ReloadStatus;
  /** The stored history; absent without a database. */
  readonly history?: HistoryReader;
  /** The recent results of each target, in memory; absent if they are not kept. */
  readonly recent?: Pick<RecentResults, "results">;
  /** The state of each target list. */
  lists(): Iterable<ListStatus>;
  /** The counts of each sink. */
  sinks(): Iterable<SinkStatus>;
  /** Returns further families of metrics, in Prometheus' text format 0.0.4. */
  metrics?(): Iterable<string>;
  /**
   * Loads the configuration again. A bad one changes nothing.
   *
   * @returns The outcome.
   */
  reload(): Promise<ReloadStatus>;
}

/** The HTTP server, as an agent uses it. */
export interface AgentServer extends AsyncDisposable {
  /** Where it listens. */
  readonly address: { readonly hostname: string; readonly port: number };
  /** Takes over another configuration: tokens, hosts, certificates, the endpoint `/probe`. */
  update(configuration: Configuration): void | Promise<void>;
}

/** Starts the HTTP server at the address of `configuration.serve.listen`. */
export type StartServer = (agent: AgentView) => Promise<AgentServer>;
