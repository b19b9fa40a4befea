/** Hub: serves the fleet's verdicts by the monitor's page, API and metrics, and sends notifications. */

import type { NatsConnection } from "@nats-io/nats-core";
import type {
  AgentServer,
  AgentView,
  Configuration,
  ListStatus,
  MonitorView,
  ReloadStatus,
  SinkStatus,
} from "@tcp-shaker/monitor/agent";
import { History } from "@tcp-shaker/monitor/history";
import { assertReloadable, attemptReload } from "@tcp-shaker/monitor/parts";
import fleet from "../../deno.json" with { type: "json" };
import { checkServers } from "../connect.ts";
import { followList, type ListInForce } from "../list/follow_list.ts";
import type { ListStore } from "../list/store.ts";
import { LEASE } from "../protocol/limits.ts";
import { parseMinuteBatch } from "../protocol/minutes.ts";
import { checkName } from "../protocol/names.ts";
import { bucketStream, keySubject, MINUTES_STREAM, minutesSubject, STATE_BUCKET } from "../protocol/subjects.ts";
import { newBootId } from "../session/boot_id.ts";
import { Link } from "../session/link.ts";
import { problemOf } from "../session/problem.ts";
import { runTaskGroup } from "../session/task_group.ts";
import { untilAborted } from "../session/until_aborted.ts";
import { countedResults } from "./counted_results.ts";
import { FleetStates } from "./fleet_states.ts";
import { followStream, lastSequence, type StreamMessage } from "./follow_stream.ts";
import { holdHubLease } from "./hub_lease.ts";
import { hubMetrics } from "./metrics.ts";
import { Notifier } from "./notifier.ts";
import { readFleetList } from "./read_list.ts";
import { type ConfigurationOptions, loadConfiguration, startServer } from "./configuration.ts";
import type { HubOptions } from "./options.ts";

/** Hub of a fleet. */
export class Hub implements AgentView, AsyncDisposable {
  /** The stored history; `undefined` without a database. */
  readonly history: History | undefined;
  readonly #states: FleetStates;
  readonly #options: HubOptions;
  readonly #boot = newBootId();
  readonly #notifier: Notifier;
  #configuration: Configuration;
  #reloadStatus: ReloadStatus = { isSuccessful: true, succeededAt: Date.now(), problems: [] };
  #list: Pick<ListStatus, "readAt" | "problem"> | undefined;
  /** The digest of the list. */
  #digest: string | undefined;
  #link: Link | undefined;
  #server: AgentServer | undefined;
  #pumping: Promise<void> = Promise.resolve();
  /** The sequence of the last minutes message read; at first, of the stream's last message. */
  #position: number | undefined;
  /** Whether a list was applied, so that stored states of other targets can be deleted. */
  #isListed = false;
  /** Whether the history records. */
  #isRecording = false;
  readonly #ready = Promise.withResolvers<void>();
  #ended: Promise<void> | undefined;

  private constructor(options: HubOptions, configuration: Configuration, history: History | undefined) {
    this.#options = options;
    this.#configuration = configuration;
    this.history = history;
    this.#position = history?.position;
    this.#states = new FleetStates({
      saved: history?.states,
      observers: history && [history.observer],
      onBegin: () => this.#record(),
    });
    this.#notifier = new Notifier(configuration.sinks, {
      hub: options.name,
      boot: this.#boot,
      takeover: options.lease ?? LEASE,
      states: this.#states,
      onMessage: (message) => this.#report(message),
    });
  }

  /**
   * Starts a hub. The server starts at once; the hub has no targets until it has read the fleet's state.
   *
   * @param options The servers and the configuration.
   * @returns The hub.
   * @throws {TypeError} If the name or a server's URL is invalid.
   * @throws {ConfigurationError} If the configuration is invalid, or has targets.
   * @throws {Error} If the file of the history can't be opened, or the server can't be started.
   */
  static async start(options: HubOptions): Promise<Hub> {
    checkName("hub", options.name);
    checkServers(options.nats);
    const configuration = await loadConfiguration(options);
    const { database } = configuration;
    await using stack = new AsyncDisposableStack();
    const onMessage = (message: string) => options.onMessage?.(message);
    // Required, because without its states and position the hub would show each target as new, and skip minutes.
    const history = stack.use(database && await History.open({ ...database, isRequired: true }, onMessage));
    const hub = new Hub(options, configuration, history);
    if (hub.#configuration.serve.listen !== undefined) hub.#server = await startServer(options, hub);
    stack.move();
    const reader = hub.#states.events();
    hub.#pumping = (async () => {
      for await (const event of reader) await options.onEvent?.(event);
    })();
    hub.#link = new Link({
      connection: options.nats,
      run: (connection, signal, ready) => hub.#session(connection, signal, ready),
      onProblem: (problem) => hub.#report(`Disconnected from the fleet, and states do not change: ${problem}`),
      onRecovery: (server) => hub.#report(`Reconnected to the fleet, through ${server}`),
    });
    return hub;
  }

  /** States and events of the fleet's targets. */
  get monitor(): MonitorView {
    return this.#states;
  }

  /**
   * Reads the configuration of a hub without starting one.
   *
   * @param options The path of the configuration.
   * @returns The configuration.
   * @throws {ConfigurationError} If the configuration is invalid, or has targets.
   */
  static checkConfiguration(options: ConfigurationOptions): Promise<Configuration> {
    return loadConfiguration(options);
  }

  /** Resolves when the fleet's state has been read. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Whether the hub is connected to the servers. */
  get isConnected(): boolean {
    return this.#link?.isConnected === true;
  }

  /**
   * Aborts with an error if the servers refuse the hub's key before its first session. The hub then does not reconnect.
   */
  get refused(): AbortSignal {
    return this.#link!.refused;
  }

  /** Whether this hub sends the notifications. */
  get isNotifier(): boolean {
    return this.#notifier.isHolder;
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

  /** Resolves when `onEvent` was called with the last event; rejects if `onEvent` rejects. */
  get finished(): Promise<void> {
    return this.#pumping;
  }

  /** The state of the fleet's target list. Its name is constant, because it is a label of metrics. */
  lists(): ListStatus[] {
    if (this.#list === undefined) return [];
    return [{ type: "fleet", name: "fleet", targets: this.#states.size, duplicates: 0, ...this.#list }];
  }

  /** The counts of each sink; empty while another hub sends the notifications. */
  sinks(): SinkStatus[] {
    return this.#notifier.statuses();
  }

  /** Metrics of the fleet. */
  metrics(): string[] {
    const { isConnected, isNotifier } = this;
    return hubMetrics({ states: this.#states, isConnected, isNotifier, list: this.#digest });
  }

  /**
   * Reloads the configuration. An invalid configuration changes nothing.
   *
   * @returns The outcome.
   */
  async reload(): Promise<ReloadStatus> {
    const { source, onReload } = this.#options;
    this.#reloadStatus = await attemptReload(this.#reloadStatus, source, async () => {
      const configuration = await loadConfiguration(this.#options);
      assertReloadable(this.#configuration, configuration);
      await this.#notifier.configure(configuration.sinks);
      await this.#server?.update(configuration);
      this.#configuration = configuration;
    });
    onReload?.(this.#reloadStatus);
    return this.#reloadStatus;
  }

  /** Ends the hub: releases its leases, so that another hub takes over at once, and closes the server. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#ended ??= this.#end();
  }

  async #end(): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    await this.#notifier[Symbol.asyncDispose]();
    await this.#link?.[Symbol.asyncDispose]();
    this.#states.end();
    await this.#pumping.catch(() => {});
    await this.history?.[Symbol.asyncDispose]();
  }

  /** Runs one session: everything that depends on one connection. Fails as a whole. */
  async #session(connection: NatsConnection, signal: AbortSignal, onReady: () => void): Promise<void> {
    const { name: hub, lease = LEASE } = this.#options;
    const [list, state] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const onMessage = (message: string) => this.#report(message);
    const hubLease = { hub, boot: this.#boot, version: fleet.version, lease, onMessage };
    const bucket = keySubject(STATE_BUCKET, "").length;
    this.#states.pause();
    await runTaskGroup(signal, [
      (signal) =>
        followStream(connection, {
          stream: bucketStream(STATE_BUCKET),
          from: "last",
          take: ({ subject, ...message }) => this.#states.apply({ key: subject.slice(bucket), ...message }),
          caughtUp: state.resolve,
        }, signal),
      async (signal) => {
        // Waits for the list, because minutes of unknown targets would be lost.
        await untilAborted(this.#ready.promise, signal);
        if (signal.aborted) return;
        await followStream(connection, {
          stream: MINUTES_STREAM,
          from: this.#position! + 1,
          take: (message) => untilAborted(this.#addMinutes(message), signal),
        }, signal);
      },
      (signal) =>
        followList(connection, {
          take: (inForce, store) => this.#takeList(inForce, store),
          onProblem: (error) => this.#refuseList(problemOf(error, connection.getServer(), this.#options.nats)),
          onRead: list.resolve,
        }, signal),
      (signal) => holdHubLease(connection, { ...hubLease, isNotifier: () => this.isNotifier }, signal),
      async (signal) => {
        await untilAborted(Promise.all([list.promise, state.promise]), signal);
        this.#position ??= await lastSequence(connection, MINUTES_STREAM);
        if (signal.aborted) return;
        this.#states.resume();
        this.history?.resume();
        signal.addEventListener("abort", () => this.history?.pause(), { once: true });
        this.#ready.resolve();
        onReady();
        await this.#notifier.run(connection, signal);
      },
    ]);
  }

  async #takeList(inForce: ListInForce, store: ListStore): Promise<void> {
    this.#states.setList(await readFleetList(inForce, store));
    this.#list = { readAt: Date.now() };
    this.#digest = inForce.digest;
    // If the list could not be read at the start, the states of its targets were kept until now.
    if (this.#isRecording && !this.#isListed) this.history?.complete();
    this.#isListed = true;
  }

  /** Starts recording the history. */
  #record(): void {
    this.#isRecording = true;
    this.history?.begin(this.#states, this.#isListed);
    void this.history?.addResults({ minute: 0, rows: [], position: this.#position });
  }

  #refuseList(problem: string): void {
    this.#list = { ...this.#list, problem };
    this.#report(`Cannot read the target list: ${problem}`);
  }

  /** Processes a batch of minutes. The next batch waits until the history's queue has space. */
  async #addMinutes({ subject, data, time, sequence }: StreamMessage): Promise<void> {
    this.#position = sequence;
    if (data === undefined) return;
    const agent = subject.slice(minutesSubject("").length);
    const batch = this.#states.addMinutes(agent, parseMinuteBatch(data));
    if (batch !== undefined) await this.history?.addResults(countedResults(batch, time, sequence));
  }

  #report(message: string): void {
    this.#options.onMessage?.(message);
  }
}
