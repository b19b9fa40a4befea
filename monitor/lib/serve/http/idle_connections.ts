/** Limit of idle connections of an HTTP server, because idle clients must not lock out others. */

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Closes the connection that has been idle for longest when too many are. A connection is idle while it has no request.
 * The time limits of the server close idle connections only after seconds.
 *
 * @param server The server, of HTTP or HTTPS.
 * @param max The maximum number of idle connections; the limit of all connections must be greater.
 */
export function limitIdleConnections(server: Server, max: number): void {
  // By address and port of the client, because with TLS a request has another socket than its connection.
  const idle = new Map<string, Socket>();
  const add = (client: string, socket: Socket) => {
    idle.set(client, socket);
    if (idle.size <= max) return;
    const [[oldest, connection]] = idle;
    idle.delete(oldest);
    connection.destroy();
  };
  server.on("connection", (socket: Socket) => {
    const client = clientOf(socket);
    add(client, socket);
    socket.once("close", () => idle.delete(client));
  });
  server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    const client = clientOf(socket);
    idle.delete(client);
    response.once("finish", () => {
      if (!socket.destroyed) add(client, socket);
    });
  });
}

function clientOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
