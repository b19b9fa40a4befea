/** The agent: runs a monitor, sinks and the HTTP server from a configuration. */

import { atMost } from "../at_most.ts";
import type { Configuration } from "../config/configuration.ts";
import type { MonitorEvent } from "../event.ts";
import type { History } from "../history/history.ts";
import type { Monitor } from "../monitor.ts";
import { TargetLists } from "../lists/target_lists.ts";
import { LOCAL_PARSER, type Parser } from "../parsing/parser.ts";
import { IncrementalParser } from "../parsing/incremental_parser.ts";
import { WorkerParser } from "../parsing/worker_parser.ts";
import type { RecentResults } from "../series/recent_results.ts";
import { attemptReload } from "./attempt_reload.ts";
import { assertReloadable } from "./reloadable.ts";
import type { SavedStates } from "../saved_states.ts";
import { SinkSet } from "./sink_set.ts";
import type { ListStatus } from "../lists/list_status.ts";
import type { AgentServer, AgentView, ReloadStatus, SinkStatus } from "./view.ts";
import { defaultsOf, messages, openStores, sinkHost, startMonitor, startServer, type Stores } from "./start_parts.ts";
import { loadConfiguration } from "./load_configuration.ts";
import type { AgentOptions } from "./options.ts";

/**
 * Time limit of the end in ms. A process has half a second more for its output, because it ends within 2 s of a signal.
 */
const END_TIMEOUT = 1400;

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
    // The previous process may have sent their alerts, whose end would be missing if the targets are up soon.
    const announced = history?.states.filter(({ id, target, state }) => {
      const current = monitor.get(id);
      return state === "down" && (current === undefined || current.target === target);
    }).map(({ id }) => id);
    const host = { ...sinkHost(monitor, configuration, options), announced };
    const sinks = stack.use(await SinkSet.open(configuration.sinks, host));
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
   * Ends the agent within 1.4 s: closes the server, ends the checks, and lets sinks deliver their queued messages. Work
   * that takes longer is abandoned.
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
    // The end interrupts a reload, which is no problem of the configuration.
    if (this.#ended === undefined) onReload?.(this.#reloadStatus, this);
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
