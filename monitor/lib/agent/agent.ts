/** The agent: runs a monitor, sinks and the HTTP server from a configuration. */

import { atMost } from "../at_most.ts";
import type { Configuration } from "../config/configuration.ts";
import { type ConfigurationHost, readWith } from "../config/load.ts";
import { ConfigurationError } from "../config/problem.ts";
import type { MonitorEvent } from "../event.ts";
import { History } from "../history/history.ts";
import { Monitor, type MonitorParts } from "../monitor.ts";
import { TargetLists } from "../lists/target_lists.ts";
import { type MonitorTarget, OPTION_NAMES, type TargetOptions } from "../target.ts";
import { LOCAL_PARSER, type Parser } from "../parsing/parser.ts";
import { IncrementalParser } from "../parsing/incremental_parser.ts";
import { WorkerParser } from "../parsing/worker_parser.ts";
import { RecentResults } from "../series/recent_results.ts";
import { limitRepeats } from "../sinks/limit_repeats.ts";
import { attemptReload } from "./attempt_reload.ts";
import { assertReloadable } from "./reloadable.ts";
import { SavedStates } from "../saved_states.ts";
import type { SinkHost } from "./open_sink.ts";
import { SinkSet } from "./sink_set.ts";
import type { ListStatus } from "../lists/list_status.ts";
import type { AgentServer, AgentView, ReloadStatus, SinkStatus, StartServer } from "./view.ts";

/**
 * Time limit of the end in ms. A process has half a second more for its output, because it ends within 2 s of a signal.
 */
const END_TIMEOUT = 1400;

/** Options of {@linkcode Agent.start}. */
export interface AgentOptions {
  /** Path of the configuration file; or a configuration, which can't be reloaded. */
  readonly source: string | Configuration;
  /** Address of the HTTP server, `"host:port"`. Overrides the configuration's `serve.listen`. */
  readonly listen?: string;
  /** Path of the history file. Overrides the configuration's `database.file`. */
  readonly database?: string;
  /** Reads the configuration, variables and files. */
  readonly host?: ConfigurationHost;
  /** Called with each event. The next call waits for the returned promise; sinks don't wait for it. */
  readonly onEvent?: (event: MonitorEvent) => void | Promise<void>;
  /** Called with messages for the log, such as that a delivery or the read of a list has failed. */
  readonly onMessage?: (message: string) => void;
  /** Called with the outcome of each reload. */
  readonly onReload?: (status: ReloadStatus, agent: Agent) => void;
  /** Starts the HTTP server. It is an error to set an address without this function. */
  readonly startServer?: StartServer;
  /** Parts of the monitor. */
  readonly parts?: MonitorParts;
}

/** A monitoring agent. */
export class Agent implements AgentView, AsyncDisposable {
  readonly monitor: Monitor;
  /** The recent results of each target; `undefined` without a server, because only the server reads them. */
  readonly recent: RecentResults | undefined;
  /** The stored history; `undefined` without a database. */
  readonly history: History | undefined;
  readonly #options: AgentOptions;
  readonly #parser: Parser;
  /** Stored states, kept until all lists were read, because an unreadable list may add its targets later. */
  #saved: SavedStates | undefined;
  #configuration: Configuration;
  #reloadStatus: ReloadStatus;
  #sinks: SinkSet;
  #lists: TargetLists;
  /** Problems of lists that have been reported. */
  #reportedProblems = new Set<string>();
  #server: AgentServer | undefined;
  /** Serializes changes: reloads, and reads of lists. */
  #changing: Promise<unknown> = Promise.resolve();
  /** Resolves when the sinks have got the last event. */
  #feeding: Promise<void> = Promise.resolve();
  /** Resolves when the sinks and the owner have got the last event. */
  #pumping: Promise<void> = Promise.resolve();
  #ended: Promise<void> | undefined;

  private constructor(
    options: AgentOptions,
    configuration: Configuration,
    monitor: Monitor,
    { recent, history, saved }: Stores,
    sinks: SinkSet,
    lists: TargetLists,
    parser: IncrementalParser,
  ) {
    this.#options = options;
    this.#parser = parser;
    parser.parser = new WorkerParser(messages(options));
    this.#configuration = configuration;
    this.monitor = monitor;
    this.recent = recent;
    this.history = history;
    this.#saved = saved;
    this.#sinks = sinks;
    this.#lists = lists;
    this.#reloadStatus = { isSuccessful: true, succeededAt: Date.now(), problems: [] };
  }

  /**
   * Starts an agent.
   *
   * @param options The configuration, and the parts of the agent.
   * @returns The agent, when checks and the server have started.
   * @throws {ConfigurationError} If the configuration is invalid.
   * @throws {Error} If the checker, a sink or the server can't be started.
   */
  static async start(options: AgentOptions): Promise<Agent> {
    // Parsing on this thread delays no check, because none has started.
    const parser = new IncrementalParser(LOCAL_PARSER);
    const configuration = await loadConfiguration(options, parser);
    await using stack = new AsyncDisposableStack();
    const lists = stack.use(await TargetLists.open(configuration, LOCAL_PARSER));
    const isComplete = lists.isComplete;
    const targets = lists.merge(configuration.targets);
    const stores = await openStores(configuration, options);
    const history = stack.use(stores.history);
    const monitor = stack.use(await startMonitor(targets, configuration, stores, options));
    history?.begin(monitor, isComplete);
    // Readers are opened before the first event.
    const [forSinks, forOwner] = [monitor.events(), monitor.events()];
    const sinks = stack.use(await SinkSet.open(configuration.sinks, sinkHost(monitor, configuration, options)));
    const agent = new Agent(options, configuration, monitor, stores, sinks, lists, parser);
    if (isComplete) agent.#forgetSaved();
    if (configuration.serve.listen !== undefined) {
      agent.#server = stack.use(await startServer(options, agent));
    }
    agent.#follow(lists);
    agent.#feeding = agent.#pump(forSinks, (event) => agent.#sinks.take(event));
    const reporting = agent.#pump(forOwner, (event) => options.onEvent?.(event));
    agent.#pumping = Promise.all([agent.#feeding, reporting]).then(() => {});
    stack.move();
    return agent;
  }

  /** The current configuration. */
  get configuration(): Configuration {
    return this.#configuration;
  }

  /** The outcome of the last load of the configuration. */
  get reloadStatus(): ReloadStatus {
    return this.#reloadStatus;
  }

  /** Address of the HTTP server; `undefined` if there is none. */
  get address(): AgentServer["address"] | undefined {
    return this.#server?.address;
  }

  /** The state of each target list. */
  lists(): ListStatus[] {
    return this.#lists.statuses();
  }

  /** The counts of each sink. */
  sinks(): SinkStatus[] {
    return this.#sinks.statuses();
  }

  /** Resolves when `onEvent` was called with the last event; rejects if `onEvent` rejects. */
  get finished(): Promise<void> {
    return this.#pumping;
  }

  /**
   * Reloads the configuration. An invalid one changes nothing.
   *
   * @returns The outcome.
   */
  reload(): Promise<ReloadStatus> {
    return this.#change(() => this.#reload());
  }

  /**
   * Ends the agent within 1.4 s: closes the server, ends the checks, and lets sinks deliver their queued messages. What
   * takes longer is abandoned.
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#ended ??= this.#end();
  }

  async #reload(): Promise<ReloadStatus> {
    const { source, onReload } = this.#options;
    const file = typeof source === "string" ? source : undefined;
    this.#reloadStatus = await attemptReload(this.#reloadStatus, file, async () => {
      await this.#take(await loadConfiguration(this.#options, this.#parser));
    });
    onReload?.(this.#reloadStatus, this);
    return this.#reloadStatus;
  }

  /** Applies another configuration as a whole, or not at all. */
  async #take(configuration: Configuration): Promise<void> {
    assertReloadable(this.#configuration, configuration);
    await using stack = new AsyncDisposableStack();
    const lists = stack.use(await TargetLists.open(configuration, this.#parser, this.#lists));
    this.#assertRunning();
    const [listsBefore, sinksBefore] = [this.#lists, this.#sinks];
    const host = sinkHost(this.monitor, configuration, this.#options);
    const sinks = await SinkSet.open(configuration.sinks, host, sinksBefore);
    stack.defer(() => sinks.closeExcept(sinksBefore));
    await this.monitor.setGradually(lists.merge(configuration.targets), defaultsOf(configuration));
    this.#assertRunning();
    // From here on nothing can fail, and the new configuration applies.
    stack.move();
    this.#configuration = configuration;
    this.#lists = lists;
    this.#sinks = sinks;
    this.#follow(lists);
    await Promise.all([listsBefore[Symbol.asyncDispose](), sinksBefore.closeExcept(sinks)]);
    await this.#server?.update(configuration);
  }

  /** Throws if the agent has ended, because its end doesn't wait for a reload that a slow list delays. */
  #assertRunning(): void {
    if (this.#ended !== undefined) throw new Error("The agent has ended");
  }

  /** Sets the targets after each read of the lists, until other lists replace them. */
  #follow(lists: TargetLists): void {
    lists.parser = this.#parser;
    lists.follow(() => {
      void this.#change(async () => {
        if (lists === this.#lists) await this.#setTargets();
      });
    });
    this.#reportProblems();
  }

  /** Sets the targets of the configuration and the lists. */
  async #setTargets(): Promise<void> {
    if (this.#ended !== undefined) return;
    const { isComplete } = this.#lists;
    try {
      await this.monitor.setGradually(this.#lists.merge(this.#configuration.targets));
      if (isComplete && this.#saved !== undefined) {
        this.#forgetSaved();
        this.history?.complete();
      }
    } catch (error) {
      messages(this.#options)((error as Error).message);
    }
    this.#reportProblems();
  }

  /** Forgets the remaining stored states when all targets are known, so that a later reload doesn't restore them. */
  #forgetSaved(): void {
    this.#saved?.clear();
    this.#saved = undefined;
  }

  /** Reports problems of lists, each once. */
  #reportProblems(): void {
    const problems = this.#lists.problems();
    for (const problem of problems) if (!this.#reportedProblems.has(problem)) messages(this.#options)(problem);
    this.#reportedProblems = new Set(problems);
  }

  /** Runs a change after all earlier changes. */
  #change<Result>(change: () => Result | Promise<Result>): Promise<Result> {
    const changed = this.#changing.then(change);
    this.#changing = changed.catch(() => {});
    return changed;
  }

  async #pump(events: AsyncIterable<MonitorEvent>, take: (event: MonitorEvent) => unknown): Promise<void> {
    for await (const event of events) await take(event);
  }

  /** Ends all parts at the same time, but the sinks and the history after they have got the last event. */
  async #end(): Promise<void> {
    const others = [this.#lists[Symbol.asyncDispose](), this.#server?.[Symbol.asyncDispose]()];
    const ended = this.monitor[Symbol.asyncDispose]().then(async () => {
      await this.#feeding.catch(() => {});
      await Promise.all([this.history?.[Symbol.asyncDispose](), this.#sinks[Symbol.asyncDispose]()]);
    });
    await atMost(END_TIMEOUT, Promise.all([...others, ended, this.#pumping.catch(() => {})]));
  }
}

/** Stores of earlier results. */
interface Stores {
  readonly recent: RecentResults | undefined;
  readonly history: History | undefined;
  /** The states that the history had at the start. */
  readonly saved: SavedStates;
}

/** Opens the history, and a store of recent results if there is a server. */
async function openStores({ database, serve }: Configuration, options: AgentOptions): Promise<Stores> {
  const clock = options.parts?.clock;
  const history = database && await History.open(database, messages(options), clock);
  return {
    recent: serve.listen === undefined ? undefined : new RecentResults(clock),
    history,
    saved: new SavedStates(history?.states ?? []),
  };
}

async function loadConfiguration(
  { source, host = {}, listen, database }: AgentOptions,
  parser: Parser,
): Promise<Configuration> {
  const configuration = typeof source === "string" ? await readWith(parser, source, host) : source;
  return {
    ...configuration,
    ...database !== undefined && { database: { ...configuration.database, file: database } },
    ...listen !== undefined && { serve: { ...configuration.serve, listen } },
  };
}

/** Starts the monitor. Options that the checker rejects are reported as problems of the configuration. */
async function startMonitor(
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

function startServer({ startServer }: AgentOptions, agent: AgentView): Promise<AgentServer> {
  if (startServer !== undefined) return startServer(agent);
  throw new ConfigurationError([{ message: "serve.listen: This agent has no HTTP server: remove serve.listen" }]);
}

function messages({ onMessage = () => {} }: AgentOptions): (message: string) => void {
  return onMessage;
}

function sinkHost(monitor: Monitor, { monitor: { interval } }: Configuration, options: AgentOptions): SinkHost {
  return { states: monitor, onFailure: limitRepeats(messages(options)), wait: interval };
}

/** Returns the options of a monitor that are defaults of its targets. */
function defaultsOf({ monitor }: Configuration): TargetOptions {
  return Object.fromEntries(OPTION_NAMES.map((name) => [name, monitor[name]]));
}
