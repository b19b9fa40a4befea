/** A fleet with target lists, on a server of its own. */

import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { connectFleet } from "../../lib/connect.ts";
import { applyList } from "../../lib/list/apply.ts";
import { planList, type TargetList } from "../../lib/list/plan.ts";
import { readTargets } from "../../lib/list/read.ts";
import { ListStore } from "../../lib/list/store.ts";
import { listed } from "../../lib/list/target_line.ts";
import { bucketStream, keySubject, LIST_BUCKET } from "../../lib/protocol/subjects.ts";
import { setUpFleet } from "../../lib/setup.ts";
import { NatsServer } from "./nats_server.ts";

export function list(ids: readonly string[], options: Partial<TargetList> = {}): TargetList {
  return { targets: ids.map((id) => listed(`${id}:80`)), monitor: {}, vote: {}, ...options };
}

/** A server with streams, and a connection. */
export class ListFleet implements AsyncDisposable {
  readonly server: NatsServer;
  readonly connection: NatsConnection;
  readonly store: ListStore;

  private constructor(server: NatsServer, connection: NatsConnection, store: ListStore) {
    this.server = server;
    this.connection = connection;
    this.store = store;
  }

  static async start(): Promise<ListFleet> {
    const server = await NatsServer.start();
    const connection = await connectFleet({ servers: [server.url], name: "test" });
    await setUpFleet(connection);
    return new ListFleet(server, connection, await ListStore.open(connection));
  }

  async apply(list: TargetList): Promise<string> {
    const plan = await planList(this.store, list);
    await applyList(this.store, plan, Date.now());
    return plan.digest;
  }

  /** The ids of the list in force, as an agent reads them. */
  async ids(): Promise<string[]> {
    const { current } = (await this.store.current())!;
    const chunks = await Array.fromAsync(readTargets(this.store, await this.store.manifest(current.digest)));
    return chunks.flat().map(({ id }) => id);
  }

  async remove(key: string): Promise<void> {
    const { streams } = await jetstreamManager(this.connection);
    await streams.purge(bucketStream(LIST_BUCKET), { filter: keySubject(LIST_BUCKET, key) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
    await this.server[Symbol.asyncDispose]();
  }
}
