/**
 * Leases of agents and hubs: messages under the keys `agent.NAME` and `hub.NAME` of the state, which their owners renew.
 *
 * A lease ends by the stream's clock, which is the time that the server gave the latest message of the stream. So all
 * readers of the same messages see the same leases end, clocks of hosts don't matter, and for a reader that is cut off
 * the clock stands still. Hubs renew leases of their own, so that the clock goes on when all agents are gone.
 */

import { boolean, type InferOutput, literal, maxValue, minValue, nullable, object, optional, pipe } from "valibot";
import { decode } from "./codec.ts";
import { boot, count, digest, ms, name, text } from "./fields.ts";
import { MAX_LEASE } from "./limits.ts";
import type { Malformed } from "./malformed.ts";

const lease = pipe(ms, minValue(1000), maxValue(MAX_LEASE));

const schema = object({
  /** The agent's zone. */
  zone: name,
  /** The process. */
  boot,
  /**
   * 1 in each process, and one more each time the agent finds that its lease has lapsed. Words of another epoch don't
   * count, because after a pause of the process they are old.
   */
  epoch: pipe(count, minValue(1)),
  /** How long the lease lasts, in ms. */
  lease,
  /** The version of the software. */
  version: text,
  /** The manifest in force at the agent; `null` before it has any. */
  list: nullable(digest),
  /** The number of targets that the agent checks. */
  targets: count,
  /** Set by the last message of an agent that ends: the lease has ended, too. */
  left: optional(literal(true)),
});

/** The lease of an agent. */
export type AgentLease = InferOutput<typeof schema>;

/** Parses the lease of an agent. */
export function parseAgentLease(data: Uint8Array): AgentLease | Malformed {
  return decode(schema, data);
}

const hubSchema = object({
  boot,
  lease,
  version: text,
  /** Whether the hub holds the lease on notifying. */
  notifier: boolean(),
  left: optional(literal(true)),
});

/** The lease of a hub. */
export type HubLease = InferOutput<typeof hubSchema>;

/** Parses the lease of a hub. */
export function parseHubLease(data: Uint8Array): HubLease | Malformed {
  return decode(hubSchema, data);
}
