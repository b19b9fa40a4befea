/** The agent: composes a configuration, a monitor, sinks and the HTTP server. */

import type { Configuration } from "../config/configuration.ts";
import { type ConfigurationHost, readConfiguration } from "../config/mod.ts";
import { ConfigurationError } from "../config/problem.ts";
import type { MonitorEvent } from "../event.ts";
import { Monitor, type MonitorParts } from "../monitor.ts";
import { assertReloadable } from "./reloadable.ts";
import { SinkSet } from "./sink_set.ts";
import type { AgentServer, AgentView, ListStatus, ReloadStatus, SinkStatus, StartServer } from "./view.ts";

/** Options of {@linkcode Agent.start}. */
export interface AgentOptions {
  /** The path of the configuration, or the configuration itself, which can't be reloaded. */
  readonly source: string | Configuration;
  /** The address of the HTTP server, `"host:port"`; it takes the place of the configuration's `serve.listen`. */
  readonly listen?: string;
  /** Reads the configuration, variables and files. */
  readonly host?: ConfigurationHost;
  /** Takes each event; the next one waits for its promise. Sinks don't. */
  readonly onEvent?: (event: MonitorEvent) => void | Promise<void>;
  /** Takes messages about deliveries and lists that failed. */
  readonly onMessage?: (message: string) => void;
  /** Starts the HTTP server if there is an address for it; an address without it is an error. */
  readonly startServer?: StartServer;
  /** Parts of the monitor. */
  readonly parts?: MonitorParts;
}

/** A monitoring agent. */
export class Agent implements AgentView, AsyncDisposable {
  readonly monitor: Monitor;
  readonly #options: AgentOptions;
  #configuration: Configuration;
  #reloadStatus: ReloadStatus;
  #sinks: SinkSet;
  #server: AgentServer | undefined;
  #reloading: Promise<ReloadStatus> | undefined;
  #pumping: Promise<void> = Promise.resolve();
  #ended: Promise<void> | undefined;

  private constructor(options: AgentOptions, configuration: Configuration, monitor: Monitor, sinks: SinkSet) {
    this.#options = options;
    this.#configuration = configuration;
    this.monitor = monitor;
    this.#sinks = sinks;
    this.#reloadStatus = { isSuccessful: true, succeededAt: Date.now(), problems: [] };
  }

  /**
   * Starts an agent.
   *
   * @param options Where the configuration is, and what the agent stands on.
   * @returns The agent, once it checks and listens.
   * @throws {ConfigurationError} If the configuration is bad.
   * @throws {Error} If the checker, a sink or the server can't be started.
   */
  static async start(options: AgentOptions): Promise<Agent> {
    const configuration = await loadConfiguration(options);
    await using stack = new AsyncDisposableStack();
    const monitor = stack.use(await startMonitor(configuration, options));
    // Readers are opened before the first event.
    const [forSinks, forOwner] = [monitor.events(), monitor.events()];
    const sinks = stack.use(
      await SinkSet.open(configuration.sinks, {
        states: monitor,
        onFailure: messages(options),
        wait: configuration.monitor.interval,
      }),
    );
    const agent = new Agent(options, configuration, monitor, sinks);
    if (configuration.serve.listen !== undefined) {
      agent.#server = stack.use(await startServer(options, agent));
    }
    agent.#pumping = Promise.all([
      agent.#pump(forSinks, (event) => agent.#sinks.take(event)),
      agent.#pump(forOwner, (event) => options.onEvent?.(event)),
    ]).then(() => {});
    stack.move();
    return agent;
  }

  /** The configuration in force. */
  get configuration(): Configuration {
    return this.#configuration;
  }

  /** The outcome of the last load of the configuration. */
  get reloadStatus(): ReloadStatus {
    return this.#reloadStatus;
  }

  /** Where the HTTP server listens; `undefined` if it doesn't run. */
  get address(): AgentServer["address"] | undefined {
    return this.#server?.address;
  }

  /** The state of each target list. */
  lists(): ListStatus[] {
    return [];
  }

  /** The counts of each sink. */
  sinks(): SinkStatus[] {
    return this.#sinks.statuses();
  }

  /** Ends when the agent has handed on its last event; rejects if `onEvent` did. */
  get finished(): Promise<void> {
    return this.#pumping;
  }

  /**
   * Loads the configuration again. A bad one changes nothing. Calls during a reload get the outcome of one more.
   *
   * @returns The outcome.
   */
  reload(): Promise<ReloadStatus> {
    const before = this.#reloading;
    const next: Promise<ReloadStatus> = (before ?? Promise.resolve()).then(() => this.#reload()).finally(() => {
      if (this.#reloading === next) this.#reloading = undefined;
    });
    return this.#reloading = next;
  }

  /** Ends the agent: the server closes, checks end, and sinks deliver what waits. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#ended ??= this.#end();
  }

  async #reload(): Promise<ReloadStatus> {
    try {
      const configuration = await loadConfiguration(this.#options);
      assertReloadable(this.#configuration, configuration);
      await this.#take(configuration);
      return this.#reloadStatus = { isSuccessful: true, succeededAt: Date.now(), problems: [] };
    } catch (error) {
      const problems = error instanceof ConfigurationError ? error.problems : [{ message: (error as Error).message }];
      return this.#reloadStatus = { ...this.#reloadStatus, isSuccessful: false, problems };
    }
  }

  async #take(configuration: Configuration): Promise<void> {
    this.monitor.set(configuration.targets);
    this.#configuration = configuration;
    await this.#server?.update(configuration);
  }

  async #pump(events: AsyncIterable<MonitorEvent>, take: (event: MonitorEvent) => unknown): Promise<void> {
    for await (const event of events) await take(event);
  }

  async #end(): Promise<void> {
    await this.#reloading?.catch(() => {});
    await this.#server?.[Symbol.asyncDispose]();
    await this.monitor[Symbol.asyncDispose]();
    await this.#pumping.catch(() => {});
    await this.#sinks[Symbol.asyncDispose]();
  }
}

async function loadConfiguration({ source, host = {}, listen }: AgentOptions): Promise<Configuration> {
  const configuration = typeof source === "string" ? await readConfiguration(source, host) : source;
  return listen === undefined ? configuration : { ...configuration, serve: { ...configuration.serve, listen } };
}

/** Starts the monitor. Options that only the checker can judge are problems of the configuration, too. */
async function startMonitor({ targets, monitor }: Configuration, { parts }: AgentOptions): Promise<Monitor> {
  try {
    return await Monitor.start(targets, monitor, parts);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new ConfigurationError([{ message: `monitor: ${error.message}` }]);
  }
}

function startServer({ startServer }: AgentOptions, agent: AgentView): Promise<AgentServer> {
  if (startServer !== undefined) return startServer(agent);
  throw new ConfigurationError([{ message: "serve.listen: There is no HTTP server in this agent: remove it" }]);
}

function messages({ onMessage = () => {} }: AgentOptions): (message: string) => void {
  return onMessage;
}
