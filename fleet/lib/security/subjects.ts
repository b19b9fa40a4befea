/** Permissions of each role, as subjects. */

import {
  agentKey,
  bucketStream,
  CURRENT_KEY,
  EVENTS_STREAM,
  eventsSubject,
  hubKey,
  HUBS_BUCKET,
  keySubject,
  LIST_BUCKET,
  MINUTES_STREAM,
  minutesSubject,
  republished,
  STATE_BUCKET,
} from "../protocol/subjects.ts";

/** The subjects of a role. */
export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** Returns the prefix of inboxes, the reply subjects of a connection's requests. Each name has its own prefix. */
export function inboxPrefix(name: string): string {
  return `_INBOX_${name}`;
}

/** Requests that agents may make: reads of the list and of the state, without consumers. */
export const READ_REQUESTS = [
  `$JS.API.DIRECT.GET.${bucketStream(LIST_BUCKET)}.${keySubject(LIST_BUCKET, ">")}`,
  `$JS.API.DIRECT.GET.${bucketStream(STATE_BUCKET)}`,
  `$JS.API.DIRECT.GET.${bucketStream(STATE_BUCKET)}.${keySubject(STATE_BUCKET, ">")}`,
] as const;

/** Subjects that the server republishes for agents. */
export const REPUBLISHED_SUBJECTS = [
  republished(LIST_BUCKET, CURRENT_KEY),
  republished(STATE_BUCKET, "agent.*"),
] as const;

/** The subjects of messages that an agent writes. */
export function writtenBy(agent: string): string[] {
  return [
    keySubject(STATE_BUCKET, agentKey(agent)),
    keySubject(STATE_BUCKET, `reports.${agent}.*`),
    eventsSubject(agent),
    minutesSubject(agent),
  ];
}

/** Permissions of an agent. */
export function agentPermissions(agent: string): Permissions {
  return {
    publish: [...writtenBy(agent), ...READ_REQUESTS],
    subscribe: [`${inboxPrefix(agent)}.>`, ...REPUBLISHED_SUBJECTS],
  };
}

/** Permissions of a hub: read all streams by consumers, and write its own lease and the bucket of hubs. */
export function hubPermissions(hub: string): Permissions {
  const streams = [bucketStream(STATE_BUCKET), bucketStream(LIST_BUCKET), bucketStream(HUBS_BUCKET), EVENTS_STREAM];
  const requests = [...streams, MINUTES_STREAM].flatMap((stream) => [
    `$JS.API.STREAM.INFO.${stream}`,
    `$JS.API.CONSUMER.CREATE.${stream}.>`,
    `$JS.API.CONSUMER.INFO.${stream}.*`,
    `$JS.API.CONSUMER.DELETE.${stream}.*`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`,
    `$JS.API.DIRECT.GET.${stream}`,
    `$JS.API.DIRECT.GET.${stream}.>`,
    `$JS.ACK.${stream}.>`,
    `$JS.FC.${stream}.>`,
  ]);
  return {
    publish: ["$JS.API.INFO", ...requests, keySubject(STATE_BUCKET, hubKey(hub)), keySubject(HUBS_BUCKET, ">")],
    subscribe: [`${inboxPrefix(hub)}.>`, `${republished(LIST_BUCKET, ">")}`, `${republished(STATE_BUCKET, ">")}`],
  };
}
