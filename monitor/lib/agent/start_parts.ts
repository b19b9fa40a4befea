/** Starts the parts of an agent: stores, monitor and server. */

import type { Configuration } from "../config/configuration.ts";
import { ConfigurationError } from "../config/problem.ts";
import { History } from "../history/history.ts";
import { Monitor } from "../monitor.ts";
import { type MonitorTarget, OPTION_NAMES, type TargetOptions } from "../target.ts";
import { RecentResults } from "../series/recent_results.ts";
import { limitRepeats } from "../sinks/limit_repeats.ts";
import { SavedStates } from "../saved_states.ts";
import type { SinkHost } from "./open_sink.ts";
import type { AgentServer, AgentView } from "./view.ts";
import type { AgentOptions } from "./options.ts";

/** Stores of earlier results. */
export interface Stores {
  readonly recent: RecentResults | undefined;
  readonly history: History | undefined;
  /** The states that the history had at the start. */
  readonly saved: SavedStates;
}

/** Opens the history, and a store of recent results if there is a server. */
export async function openStores({ database, serve }: Configuration, options: AgentOptions): Promise<Stores> {
  const clock = options.parts?.clock;
  const history = database && await History.open(database, messages(options), clock);
  return {
    recent: serve.listen === undefined ? undefined : new RecentResults(clock),
    history,
    saved: new SavedStates(history?.states ?? []),
  };
}

/** Starts the monitor. Options that the checker rejects are reported as problems of the configuration. */
export async function startMonitor(
  targets: Iterable<MonitorTarget>,
  { monitor }: Configuration,
  { recent, history, saved }: Stores,
  { parts = {} }: AgentOptions,
): Promise<Monitor> {
  const observers = [...parts.observers ?? [], ...recent ? [recent] : [], ...history ? [history.observer] : []];
  try {
    return await Monitor.start(targets, monitor, { ...parts, observers, saved });
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new ConfigurationError([{ message: `monitor: ${error.message}` }]);
  }
}

/** Starts the HTTP server by the function of the options. */
export function startServer({ startServer }: AgentOptions, agent: AgentView): Promise<AgentServer> {
  if (startServer !== undefined) return startServer(agent);
  throw new ConfigurationError([{ message: "serve.listen: This agent has no HTTP server: remove serve.listen" }]);
}

/** Returns the function that takes messages. */
export function messages({ onMessage = () => {} }: AgentOptions): (message: string) => void {
  return onMessage;
}

/** Returns what sinks need of their agent. */
export function sinkHost(monitor: Monitor, { monitor: { interval } }: Configuration, options: AgentOptions): SinkHost {
  return { states: monitor, onFailure: limitRepeats(messages(options)), wait: interval };
}

/** Returns the options of a monitor that are defaults of its targets. */
export function defaultsOf({ monitor }: Configuration): TargetOptions {
  return Object.fromEntries(OPTION_NAMES.map((name) => [name, monitor[name]]));
}
