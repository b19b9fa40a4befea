/** A NATS server with the streams of a fleet, and connections to it. */

import { jetstream, type JetStreamClient, type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { connectFleet } from "../../lib/connect.ts";
import { setUpFleet } from "../../lib/setup.ts";
import { NatsServer } from "./nats_server.ts";

export class TestFleet implements AsyncDisposable {
  readonly server: NatsServer;
  readonly #connections: NatsConnection[] = [];

  private constructor(server: NatsServer) {
    this.server = server;
  }

  static async start(): Promise<TestFleet> {
    const fleet = new TestFleet(await NatsServer.start());
    await setUpFleet(await fleet.connect());
    return fleet;
  }

  /** Opens a connection that ends with the fleet. */
  async connect(): Promise<NatsConnection> {
    const connection = await connectFleet({ servers: [this.server.url], name: "test" });
    this.#connections.push(connection);
    return connection;
  }

  /** Opens a connection for messages of JetStream. */
  async jetstream(): Promise<{ jetstream: JetStreamClient; manager: JetStreamManager }> {
    const connection = await this.connect();
    return { jetstream: jetstream(connection), manager: await jetstreamManager(connection) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close().catch(() => {})));
    await this.server[Symbol.asyncDispose]();
  }
}
