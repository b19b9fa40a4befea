/**
 * Names of streams, KV buckets and subjects. The subjects of an agent contain its name, so that the server's
 * permissions can confine the agent to them.
 */

/** KV bucket of leases and reports, in one stream, so that all readers see them in the same order. */
export const STATE_BUCKET = "fleet_state";
/** KV bucket of the target list: chunks, manifests, and the key `current`. */
export const LIST_BUCKET = "fleet_list";
/** KV bucket of the notifier's lease and announcements. Agents can't read it. */
export const HUBS_BUCKET = "fleet_hubs";
/** Stream of events. */
export const EVENTS_STREAM = "FLEET_EVENTS";
/** Stream of minutes. */
export const MINUTES_STREAM = "FLEET_MINUTES";

/** Prefix of the subjects to which the server republishes stored messages: see {@linkcode republished}. */
const REPUBLISHED = "fleet.out";

/** Returns the stream of a KV bucket. */
export function bucketStream(bucket: string): string {
  return `KV_${bucket}`;
}

/** Returns the subject of a key of a KV bucket. */
export function keySubject(bucket: string, key: string): string {
  return `$KV.${bucket}.${key}`;
}

/**
 * Returns the subject to which the server republishes a stored key. Agents use it instead of consumers, because an
 * agent that may create consumers could have the server deliver messages to any subject.
 */
export function republished(bucket: string, key: string): string {
  return `${REPUBLISHED}.${bucket}.${key}`;
}

/** Returns the key of an agent's lease. */
export function agentKey(agent: string): string {
  return `agent.${agent}`;
}

/** Returns the key of a hub's lease. */
export function hubKey(hub: string): string {
  return `hub.${hub}`;
}

/**
 * Returns the key of an agent's reports on one slice.
 *
 * @param agent The agent's name.
 * @param slice The slice: 0 to 255.
 * @returns The key; its last token is the slice in two hexadecimal digits.
 */
export function reportsKey(agent: string, slice: number): string {
  return `reports.${agent}.${slice.toString(16).padStart(2, "0")}`;
}

/** A parsed key of {@linkcode STATE_BUCKET}. */
export type StateKey =
  | { readonly kind: "agent" | "hub"; readonly name: string }
  | { readonly kind: "reports"; readonly name: string; readonly slice: number };

/** Parses a key of {@linkcode STATE_BUCKET}; `undefined` if the key is unknown. */
export function parseStateKey(key: string): StateKey | undefined {
  const [, kind, name, slice] = /^(?:(agent|hub|reports)\.)([\w-]{1,64})(?:\.([\da-f]{2}))?$/.exec(key) ?? [];
  if (kind === "reports") return slice === undefined ? undefined : { kind, name, slice: parseInt(slice, 16) };
  if (kind === undefined || slice !== undefined) return undefined;
  return { kind: kind as "agent" | "hub", name };
}

/** Key of {@linkcode LIST_BUCKET} that names the manifest in force. */
export const CURRENT_KEY = "current";

/** Key of a manifest. */
export function manifestKey(digest: string): string {
  return `list.${digest}`;
}

/** Key of a chunk of a list. */
export function chunkKey(digest: string): string {
  return `chunk.${digest}`;
}

/** Key of {@linkcode HUBS_BUCKET}: the notifier's lease. */
export const NOTIFIER_KEY = "notifier";

/** Prefix of the keys of {@linkcode HUBS_BUCKET} with the announced targets. */
export const ANNOUNCED = "announced";

/** Key of {@linkcode HUBS_BUCKET}: the announced targets of a slice, 0 to 255. */
export function announcedKey(slice: number): string {
  return `${ANNOUNCED}.${slice.toString(16).padStart(2, "0")}`;
}

/** The subject of an agent's events. */
export function eventsSubject(agent: string): string {
  return `fleet.events.${agent}`;
}

/** The subject of an agent's minutes. */
export function minutesSubject(agent: string): string {
  return `fleet.minutes.${agent}`;
}
