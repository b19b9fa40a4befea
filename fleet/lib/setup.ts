/** Creation of a fleet's streams. */

import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { type FleetStream, fleetStreams } from "./protocol/streams.ts";

/** The code of JetStream's error for a stream that does not exist. */
const STREAM_NOT_FOUND = 10059;

/** What a fleet's streams need. */
export interface SetupOptions {
  /**
   * Copies of each stream.
   *
   * @default {1}
   */
  replicas?: number;
}

/**
 * Creates the streams of a fleet, or brings the configuration of existing ones up to date. Messages stay.
 *
 * @param connection A connection with the permissions of an administrator.
 * @param options The options.
 */
export async function setUpFleet(connection: NatsConnection, { replicas = 1 }: SetupOptions = {}): Promise<void> {
  const manager = await jetstreamManager(connection);
  for (const stream of fleetStreams(replicas)) await createOrUpdate(manager, stream);
}

async function createOrUpdate({ streams }: JetStreamManager, stream: FleetStream): Promise<void> {
  try {
    const { config } = await streams.info(stream.name);
    await streams.update(stream.name, { ...config, ...stream });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === STREAM_NOT_FOUND)) throw error;
    await streams.add(stream);
  }
}
