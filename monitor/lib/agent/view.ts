/** Interface between an agent and its HTTP server. */

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
  /** When a configuration was last applied, in ms since 1970. */
  readonly succeededAt: number;
  /** The problems of the last attempt, with their files; empty if it was successful. */
  readonly problems: readonly ConfigurationProblem[];
}

/** A sink of the agent. */
export interface SinkStatus extends SinkStatistics {
  /** The type of the sink. */
  readonly type: string;
  /** Index of the sink in the configuration, from 0. */
  readonly index: number;
}

/**
 * Source of states and events of targets. A `Monitor` has all members; a source that collects the states of other
 * programs may omit the optional ones.
 */
export interface MonitorView extends StateSource {
  /** Opens a reader of events; see `Monitor.events`. */
  events(options?: { signal?: AbortSignal }): AsyncIterableIterator<MonitorEvent>;
  /** Returns the counters of the checks; absent if other programs make the checks. */
  statistics?(): MonitorStatistics;
  /** Adds a report of real traffic to a target; absent if other programs make the checks. */
  report?(id: string, ok: boolean): boolean;
  /** Begins or ends the maintenance of a target; absent if other programs make the checks. */
  setMaintenance?(id: string, on: boolean, maintenance?: Maintenance): boolean;
}

/** View of an agent for the HTTP server. An `Agent` implements it. */
export interface AgentView {
  /** Source of states and events. A reload keeps the same object. */
  readonly monitor: MonitorView;
  /** The current configuration. */
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
   * Reloads the configuration. An invalid one changes nothing.
   *
   * @returns The outcome.
   */
  reload(): Promise<ReloadStatus>;
}

/** Running HTTP server of an agent. */
export interface AgentServer extends AsyncDisposable {
  /** The listen address. */
  readonly address: { readonly hostname: string; readonly port: number };
  /** Applies another configuration: tokens, hosts, certificates, the endpoint `/probe`. */
  update(configuration: Configuration): void | Promise<void>;
}

/** Starts the HTTP server at the address of `configuration.serve.listen`. */
export type StartServer = (agent: AgentView) => Promise<AgentServer>;
