/** Subjects of a fleet that attacks aim at. */

import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { keySubject, LIST_BUCKET, STATE_BUCKET } from "../../lib/protocol/subjects.ts";
import { writtenBy } from "../../lib/security/subjects.ts";

/** A subject of each message that an agent writes. */
export function subjectsOf(agent: string): string[] {
  return writtenBy(agent).map((subject) => subject.replace("*", "00"));
}

export const CURRENT = keySubject(LIST_BUCKET, "current");

/** Subjects that agent `a` must not have anything stored at. */
export const OTHERS = [
  ...subjectsOf("b"),
  CURRENT,
  keySubject(LIST_BUCKET, "list.x"),
  keySubject(STATE_BUCKET, "hub.h"),
  "$KV.fleet_hubs.notifier",
];

/** The last message at a subject: its sequence and content. */
export async function lastOf(admin: NatsConnection, subject: string): Promise<string | undefined> {
  const { streams } = await jetstreamManager(admin);
  const message = await streams.getMessage(await streams.find(subject), { last_by_subj: subject });
  return message === null ? undefined : `${message.seq} ${message.string()}`;
}
