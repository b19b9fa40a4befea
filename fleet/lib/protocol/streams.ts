/** Configuration of the streams: subjects, limits and retention. */

import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import { MAX_CHUNK_BYTES, MAX_MESSAGE_BYTES, SLICES } from "./limits.ts";
import {
  agentKey,
  bucketStream,
  EVENTS_STREAM,
  eventsSubject,
  hubKey,
  HUBS_BUCKET,
  keySubject,
  LIST_BUCKET,
  MINUTES_STREAM,
  minutesSubject,
  reportsKey,
  republished,
  STATE_BUCKET,
} from "./subjects.ts";

/** The fields of a stream's configuration that are set here. */
export type FleetStream = Partial<StreamConfig> & Pick<StreamConfig, "name" | "subjects">;

const DAY = 86_400_000;
const GB = 1_000_000_000;

/**
 * Returns the streams of a fleet. All reject roll-ups, because a message with the header `Nats-Rollup: all` deletes all
 * other messages of its stream, and any agent could send it. Leases don't use the server's TTL, because its markers
 * need roll-ups.
 *
 * @param replicas Copies of each stream: 1, or 3 and more in a cluster.
 * @returns The configurations.
 */
export function fleetStreams(replicas: number): FleetStream[] {
  const common = {
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    allow_rollup_hdrs: false,
    allow_direct: true,
    num_replicas: replicas,
    max_msg_size: MAX_MESSAGE_BYTES,
  };
  const bucket = (name: string, keys = [">"]): FleetStream => ({
    ...common,
    name: bucketStream(name),
    subjects: keys.map((key) => keySubject(name, key)),
    max_msgs_per_subject: 1,
    discard: DiscardPolicy.New,
  });
  const log = { ...common, discard: DiscardPolicy.Old, max_msgs_per_subject: 100_000 };
  return [
    {
      // Each slice by name, because agents may write to reports.NAME.*, and could fill the disk with invalid slices.
      ...bucket(STATE_BUCKET, [
        ...[agentKey("*"), hubKey("*")],
        ...Array.from({ length: SLICES }, (_, slice) => reportsKey("*", slice)),
      ]),
      description: "Leases, and the last report of each witness",
      republish: { src: keySubject(STATE_BUCKET, "agent.*"), dest: republished(STATE_BUCKET, "agent.{{wildcard(1)}}") },
      // Removes leases and reports of agents that have been absent for this time.
      max_age: nanos(30 * DAY),
    },
    {
      ...bucket(LIST_BUCKET),
      description: "Target lists",
      max_msg_size: MAX_CHUNK_BYTES + 1024,
      republish: { src: keySubject(LIST_BUCKET, "current"), dest: republished(LIST_BUCKET, "current") },
    },
    { ...bucket(HUBS_BUCKET), description: "The notifier's lease and announcements" },
    {
      ...log,
      name: EVENTS_STREAM,
      description: "Events of all agents",
      subjects: [eventsSubject("*")],
      max_age: nanos(30 * DAY),
      max_bytes: 2 * GB,
    },
    {
      ...log,
      name: MINUTES_STREAM,
      description: "Minutes of all agents, on their way to the hubs",
      subjects: [minutesSubject("*")],
      max_age: nanos(2 * DAY),
      max_bytes: 4 * GB,
    },
  ];
}
