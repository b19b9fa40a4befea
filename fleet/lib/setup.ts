/** Creation of a fleet's streams. */

import { type JetStreamManager, jetstreamManager, type StreamConfig } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { isStreamMissing } from "./nats/error_kinds.ts";
import { type FleetStream, fleetStreams } from "./protocol/streams.ts";
import { bucketStream, LIST_BUCKET } from "./protocol/subjects.ts";

/** Options of a fleet's streams. */
export interface SetupOptions {
  /**
   * Replicas of each stream: 3 in a cluster.
   *
   * @default {unchanged, or 1 for a new stream}
   */
  replicas?: number;
}

/** Fields of an existing stream's configuration that are kept, because they are the administrator's choice. */
const KEPT = ["max_age", "max_bytes", "max_msgs_per_subject", "placement"] as const satisfies (keyof StreamConfig)[];

/**
 * Creates the streams of a fleet, or updates existing ones, which keep their messages and limits.
 *
 * @param connection A connection with the permissions of an administrator.
 * @param options The options.
 */
export async function setUpFleet(connection: NatsConnection, { replicas }: SetupOptions = {}): Promise<void> {
  const manager = await jetstreamManager(connection);
  for (const stream of fleetStreams(replicas ?? 1)) await createOrUpdate(manager, stream, replicas);
}

/**
 * Returns whether a fleet's streams exist.
 *
 * @param connection A connection with the permissions of an administrator.
 */
export function isSetUp(connection: NatsConnection): Promise<boolean> {
  return hasStreams(connection, fleetStreams(1).map(({ name }) => name));
}

/**
 * Returns whether the bucket of target lists exists, which an incomplete fleet may also have.
 *
 * @param connection A connection with the permissions of an administrator.
 */
export function hasLists(connection: NatsConnection): Promise<boolean> {
  return hasStreams(connection, [bucketStream(LIST_BUCKET)]);
}

async function hasStreams(connection: NatsConnection, names: readonly string[]): Promise<boolean> {
  const { streams } = await jetstreamManager(connection);
  try {
    await Promise.all(names.map((name) => streams.info(name)));
    return true;
  } catch (error) {
    if (isStreamMissing(error)) return false;
    throw error;
  }
}

async function createOrUpdate(
  { streams }: JetStreamManager,
  stream: FleetStream,
  replicas: number | undefined,
): Promise<void> {
  try {
    const { config } = await streams.info(stream.name);
    const kept = Object.fromEntries(KEPT.map((name) => [name, config[name]]));
    await streams.update(stream.name, { ...stream, ...kept, num_replicas: replicas ?? config.num_replicas });
  } catch (error) {
    if (!isStreamMissing(error)) throw error;
    await streams.add(stream);
  }
}
