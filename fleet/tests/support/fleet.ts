/** Fleet of a test on its own NATS server: agents with stub probers, a target list, hubs, and the stored state. */

import { jetstream, type JetStreamClient, type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import type { TargetOptions } from "@tcp-shaker/monitor";
import type { NatsConnection } from "@nats-io/nats-core";
import type { MonitorEvent } from "@tcp-shaker/monitor";
import { FleetAgent, type FleetAgentOptions } from "../../lib/agent/agent.ts";
import { connectFleet } from "../../lib/connect.ts";
import { Hub, type HubOptions } from "../../lib/hub/mod.ts";
import { applyList } from "../../lib/list/apply.ts";
import { planList } from "../../lib/list/plan.ts";
import { ListStore } from "../../lib/list/store.ts";
import { listed } from "../../lib/list/target_line.ts";
import type { EventBatch } from "../../lib/protocol/events.ts";
import { EVENTS_STREAM, eventsSubject, STATE_BUCKET } from "../../lib/protocol/subjects.ts";
import { readKeys } from "../../lib/session/direct_get.ts";
import { setUpFleet } from "../../lib/setup.ts";
import { FleetState } from "../../lib/vote/fleet_state.ts";
import type { VoteOptions } from "../../lib/vote_options.ts";
import { eventually } from "./eventually.ts";
import type { NatsCluster } from "./nats_cluster.ts";
import { NatsServer, type ServerOptions } from "./nats_server.ts";
import { Relay } from "./relay.ts";
import { StubProber } from "./stub_prober.ts";

/** Agent, and its prober. */
export interface TestAgent {
  readonly agent: FleetAgent;
  readonly prober: StubProber;
  readonly messages: string[];
}

/** Hub, and its events and messages. */
export interface TestHub {
  readonly hub: Hub;
  readonly events: MonitorEvent[];
  readonly messages: string[];
}

export class TestFleet implements AsyncDisposable {
  /** The server, or the first one of a cluster. */
  readonly server: NatsServer;
  readonly urls: readonly string[];
  readonly #stack = new AsyncDisposableStack();

  private constructor(server: NatsServer, urls: readonly string[]) {
    this.server = server;
    this.urls = urls;
  }

  /** Starts a fleet on a server. */
  static async start(options: ServerOptions = {}): Promise<TestFleet> {
    const server = await NatsServer.start(options);
    const fleet = new TestFleet(server, [server.url]);
    fleet.#stack.use(server);
    await setUpFleet(await fleet.connect());
    return fleet;
  }

  /** Sets up a fleet on a running cluster. */
  static async on({ servers, urls }: Pick<NatsCluster, "servers" | "urls">): Promise<TestFleet> {
    const fleet = new TestFleet(servers[0], urls);
    const connection = await fleet.connect();
    // A new cluster may not have elected the leader that creates streams.
    const setUp = () => setUpFleet(connection, { replicas: 3 }).then(() => true, () => false);
    await eventually(setUp, (isSetUp) => isSetUp);
    return fleet;
  }

  /** Disposes of a resource at the end of the fleet, before its server. */
  use<T extends AsyncDisposable>(part: T): T {
    return this.#stack.use(part);
  }

  /** Opens a relay to the server. */
  relay(): Relay {
    return new Relay(this.server.place);
  }

  /** Opens a connection that ends with the fleet. */
  async connect(): Promise<NatsConnection> {
    const connection = await connectFleet({ servers: this.urls, name: "test" });
    this.#stack.defer(() => connection.close().catch(() => {}));
    return connection;
  }

  /** Opens a connection for messages of JetStream. */
  async jetstream(): Promise<{ jetstream: JetStreamClient; manager: JetStreamManager }> {
    const connection = await this.connect();
    return { jetstream: jetstream(connection), manager: await jetstreamManager(connection) };
  }

  /** Puts a list in force. The default interval of checks is 50 ms. */
  async apply(
    targets: readonly string[],
    vote: VoteOptions = {},
    monitor: TargetOptions = { interval: 50, timeout: 50 },
  ): Promise<string> {
    const store = await ListStore.open(await this.connect());
    const plan = await planList(store, { targets: targets.map(listed), monitor, vote });
    await applyList(store, plan, Date.now());
    return plan.digest;
  }

  /** Starts an agent that ends with the fleet. Its lease is short. */
  async agent(name: string, options: Partial<FleetAgentOptions> = {}): Promise<TestAgent> {
    const prober = new StubProber();
    const messages: string[] = [];
    const agent = await FleetAgent.start({
      connection: { servers: this.urls },
      name,
      zone: name,
      lease: 1000,
      settle: 100,
      handover: 500,
      parts: { prober },
      onMessage: (message) => messages.push(message),
      ...options,
    });
    this.#stack.use(agent);
    return { agent, prober, messages };
  }

  /** Starts a hub that ends with the fleet. */
  async hub(name: string, options: Partial<HubOptions> = {}): Promise<TestHub> {
    const [events, messages]: [MonitorEvent[], string[]] = [[], []];
    const hub = await Hub.start({
      nats: { servers: [this.server.url], name },
      name,
      onEvent: (event) => void events.push(event),
      onMessage: (message) => messages.push(message),
      ...options,
    });
    this.#stack.use(hub);
    return { hub, events, messages };
  }

  /** Reads the stored events of an agent. */
  async events(agent: string): Promise<{ id?: string; type: string; to?: string; at: number; sequence: number }[]> {
    const { manager } = await this.jetstream();
    const events = [];
    const messages = await manager.direct.getBatch(EVENTS_STREAM, {
      seq: 1,
      next_by_subj: eventsSubject(agent),
      batch: 1000,
    });
    for await (const message of messages) events.push(...message.json<EventBatch>().events);
    return events as { id?: string; type: string; to?: string; at: number; sequence: number }[];
  }

  /** Reads the current state. */
  async state(vote: VoteOptions = {}): Promise<FleetState> {
    const { manager } = await this.jetstream();
    const state = new FleetState();
    state.setVote(vote);
    for (const { key, data, time } of await readKeys(manager, STATE_BUCKET, ">")) state.apply({ key, data, time });
    return state;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }
}
