/** Server with the generated configuration, and connections of each role. */

import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { connectFleet } from "../../lib/connect.ts";
import { fleetStreams } from "../../lib/protocol/streams.ts";
import { createKeys, type KeyPair } from "../../lib/security/keys.ts";
import { natsConfig } from "../../lib/security/nats_config.ts";
import { setUpFleet } from "../../lib/setup.ts";
import { NatsServer, type Place } from "./nats_server.ts";

/** Counts of messages and configuration of a stream. */
export type Contents = Record<string, unknown>;

export class SecureFleet implements AsyncDisposable {
  readonly server: NatsServer;
  readonly keys: Readonly<Record<string, KeyPair>>;
  readonly #connections: NatsConnection[] = [];
  admin!: NatsConnection;

  private constructor(server: NatsServer, keys: Record<string, KeyPair>) {
    this.server = server;
    this.keys = keys;
  }

  /** Starts a server for the agents `a` and `b`, and the hub `h`. */
  static async start(): Promise<SecureFleet> {
    const keys = Object.fromEntries(["admin", "a", "b", "h"].map((name) => [name, createKeys()]));
    const server = await NatsServer.start({ config: (place, folder) => secureConfig(place, folder, keys, ["a", "b"]) });
    const fleet = new SecureFleet(server, keys);
    try {
      fleet.admin = await fleet.connect("admin");
      await setUpFleet(fleet.admin);
    } catch (error) {
      await fleet[Symbol.asyncDispose]();
      throw error;
    }
    return fleet;
  }

  /** Connects as an agent, a hub or `admin`. */
  async connect(name: string, seed = this.keys[name].seed): Promise<NatsConnection> {
    const connection = await connectFleet({ servers: [this.server.url], name, seed: new TextEncoder().encode(seed) });
    this.#connections.push(connection);
    return connection;
  }

  /** Changes the users. */
  async allowAgents(agents: readonly string[]): Promise<void> {
    await this.server.configure(secureConfig(this.server.place, this.server.folder, this.keys, agents));
    await this.server.reload();
  }

  /** Contents of the streams, for comparison. */
  async contents(): Promise<Contents> {
    const { streams } = await jetstreamManager(this.admin);
    const entries = fleetStreams(1).map(async ({ name }) => {
      const { config, state } = await streams.info(name, { subjects_filter: ">" });
      return [name, { config, subjects: state.subjects, first: state.first_seq, last: state.last_seq }] as const;
    });
    const all = await Array.fromAsync(streams.list());
    return { ...Object.fromEntries(await Promise.all(entries)), names: all.map(({ config }) => config.name).sort() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
    await this.server[Symbol.asyncDispose]();
  }
}

function secureConfig(
  { hostname, port }: Place,
  folder: string,
  keys: Readonly<Record<string, KeyPair>>,
  agents: readonly string[],
): string {
  const user = (name: string) => ({ name, publicKey: keys[name].publicKey });
  return natsConfig({
    agents: agents.map(user),
    hubs: [user("h")],
    admin: keys.admin.publicKey,
    listen: `${hostname}:${port}`,
    storage: folder,
  });
}
