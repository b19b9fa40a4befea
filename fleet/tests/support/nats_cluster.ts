/** Cluster of NATS servers of a test. */

import { NatsServer, newPlace, openConfig, type Place } from "./nats_server.ts";

/** A cluster of three servers. */
export class NatsCluster implements AsyncDisposable {
  readonly servers: readonly NatsServer[];

  private constructor(servers: readonly NatsServer[]) {
    this.servers = servers;
  }

  /** Starts the servers, and waits until they have a leader. */
  static async start(): Promise<NatsCluster> {
    const places = [newPlace(), newPlace(), newPlace()];
    const servers = await Promise.all(
      places.map((place) =>
        NatsServer.create({ place, config: (place, folder) => clusterConfig(place, folder, places) })
      ),
    );
    const cluster = new NatsCluster(servers);
    try {
      await Promise.all(servers.map((server) => cluster.start(server)));
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  /** The URLs for clients. */
  get urls(): string[] {
    return this.servers.map(({ url }) => url);
  }

  /** Starts a server, and waits until it knows the leader. */
  async start(server: NatsServer): Promise<void> {
    await server.start();
    await server.log.until(/(?:new metadata leader|is new JetStream cluster metadata leader)/);
  }

  /** The server with a name, as streams give the names of their leaders. */
  named(name: string): NatsServer {
    return this.servers.find(({ place }) => nameOf(place) === name)!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.servers.map((server) => server[Symbol.asyncDispose]()));
  }
}

function nameOf({ port }: Place): string {
  return `server-${port}`;
}

function clusterConfig(place: Place, folder: string, places: readonly Place[]): string {
  const routes = places.map(({ hostname, routePort }) => `"nats://${hostname}:${routePort}"`);
  return `${openConfig(place, folder)}
    server_name: "${nameOf(place)}"
    cluster { name: "tests", listen: "${place.hostname}:${place.routePort}", routes: [${routes.join(", ")}] }
  `;
}
