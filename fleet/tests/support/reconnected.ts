/** Wait for a reconnection. */

import type { NatsConnection } from "@nats-io/nats-core";

/** Resolves at the next reconnection. Call it before the connection is lost. */
export async function reconnected(connection: NatsConnection): Promise<void> {
  for await (const { type } of connection.status()) if (type === "reconnect") return;
}
